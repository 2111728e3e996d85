/**
 * Installs the emulators of AWS and Lambda's runtime interface client into `.tools/aws`, once; run again it only looks.
 * `node test/aws/tools/set-up-tools.ts [--directory DIR] [--missing-packages]`; the latter prints the Debian packages
 * that the machine lacks and does nothing else.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missingCommands } from './required-commands.ts';
import { TOOLS_DIRECTORY } from './tool-paths.ts';

const HERE = import.meta.dirname;
/** The longest step builds an HTTP client in C: a minute on two cores. */
const STEP_MS_MAX = 900_000;
/** Of what a failed step printed, this much is shown. */
const OUTPUT_CHARS_SHOWN = 4_000;
/** Written last, so that an interrupted installation is done again. */
const STAMP = '.installed';

interface Tool {
  readonly name: string;
  /** Changes when something else has to be installed: what the stamp must say. */
  readonly contents: readonly string[];
  readonly install: (directory: string) => Promise<void>;
}

/** Thrown for what the person at the machine can put right; the message is all they need. */
class SetUpError extends Error {}

const runStep = async (command: string, args: readonly string[], cwd: string): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: STEP_MS_MAX });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_CHARS_SHOWN);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', reject);
  child.on('close', (code, signal) => {
    if (code === 0) return resolve();
    reject(new SetUpError(`${command} ${args.join(' ')} failed (${signal ?? code}) in ${cwd}:\n${output}`));
  });
  return promise;
};

const REQUIREMENTS = join(HERE, 'requirements.txt');

/** Servers in Python: ministack for the deployed stack, moto as the second opinion. */
const pythonEnvironment: Tool = {
  name: 'venv',
  contents: [readFileSync(REQUIREMENTS, 'utf8')],
  install: async (directory) => {
    const python = join(directory, 'bin', 'python');
    const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input'];
    await runStep('python3', ['-m', 'venv', directory], HERE);
    await runStep(python, [...pip, 'install', '--no-deps', '-r', REQUIREMENTS], HERE);
    await runStep(python, [...pip, 'check'], HERE);
  },
};

const DYNAMODB_LOCAL_PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
const DYNAMODB_LOCAL_SHA512 =
  'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==';

/** AWS's own emulator of DynamoDB; the package wraps its jar in a command line that is not wanted here. */
const dynamodbLocal: Tool = {
  name: 'dynamodb-local',
  contents: [DYNAMODB_LOCAL_PACKAGE, DYNAMODB_LOCAL_SHA512],
  install: async (directory) => {
    await mkdir(directory, { recursive: true });
    await runStep('npm', ['pack', '--silent', DYNAMODB_LOCAL_PACKAGE], directory);
    const archive = join(directory, `${DYNAMODB_LOCAL_PACKAGE.replace('@', '-')}.tgz`);
    const sha512 = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (sha512 !== DYNAMODB_LOCAL_SHA512) {
      throw new SetUpError(`${DYNAMODB_LOCAL_PACKAGE} is not the archive that was pinned: its SHA-512 is ${sha512}`);
    }
    await runStep('tar', ['-xzf', archive, '--strip-components=2', 'package/emulator'], directory);
    await rm(archive);
  },
};

const CLIENT_PACKAGE_FILES = ['package.json', 'package-lock.json'] as const;
const CLIENT_SOURCE = join(HERE, 'runtime-interface-client');

/** What Lambda runs functions with. Its install scripts build curl and an add-on, which takes most of the set-up. */
const runtimeInterfaceClient: Tool = {
  name: 'ric',
  contents: CLIENT_PACKAGE_FILES.map((file) => readFileSync(join(CLIENT_SOURCE, file), 'utf8')),
  install: async (directory) => {
    await mkdir(directory, { recursive: true });
    for (const file of CLIENT_PACKAGE_FILES) await copyFile(join(CLIENT_SOURCE, file), join(directory, file));
    await runStep('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--foreground-scripts'], directory);
    const addOn = join(directory, 'node_modules', 'aws-lambda-ric', 'rapid-client.node');
    // npm leaves install scripts out without failing where its configuration forbids them.
    await readFile(addOn).catch(() => {
      throw new SetUpError(`the install scripts of aws-lambda-ric did not run: allow them in npm's configuration`);
    });
  },
};

const TOOLS: readonly Tool[] = [pythonEnvironment, dynamodbLocal, runtimeInterfaceClient];

const stampOf = ({ contents }: Tool): string => createHash('sha256').update(contents.join('\0')).digest('hex');

const isInstalled = async (tool: Tool, directory: string): Promise<boolean> => {
  const stamp = await readFile(join(directory, tool.name, STAMP), 'utf8').catch(() => '');
  return stamp === stampOf(tool);
};

const install = async (tool: Tool, directory: string): Promise<void> => {
  const target = join(directory, tool.name);
  const startedAt = performance.now();
  await rm(target, { recursive: true, force: true });
  await tool.install(target);
  await writeFile(join(target, STAMP), stampOf(tool));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stderr.write(`payhook: ${tool.name} is installed (${seconds} s)\n`);
};

/** Whether the process that wrote the lock is still there. */
const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Two set-ups at a time would tear down each other's work. Returns what releases the lock. */
const lock = (directory: string): (() => void) => {
  const path = join(directory, '.lock');
  for (const isLastTry of [false, true]) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (thrown) {
      const pid = Number(readFileSync(path, 'utf8'));
      if (isLastTry || (pid > 0 && isRunning(pid))) {
        throw new SetUpError(`another set-up (process ${pid}) is under way: wait for it, or remove ${path}`, {
          cause: thrown,
        });
      }
      rmSync(path, { force: true });
    }
  }
  throw new SetUpError(`${path} cannot be locked`);
};

const setUp = async (directory: string): Promise<void> => {
  const installed = await Promise.all(TOOLS.map((tool) => isInstalled(tool, directory)));
  const lacking = TOOLS.filter((_, index) => !installed[index]);
  if (lacking.length === 0) return;
  const { what, debianPackages } = missingCommands();
  if (what.length > 0) {
    throw new SetUpError(
      `the tests against AWS emulators need ${what.join(', ')}: apt-get install ${debianPackages.join(' ')}, then run the same command again`,
    );
  }
  await mkdir(directory, { recursive: true });
  const unlock = lock(directory);
  try {
    const names = lacking.map(({ name }) => name).join(', ');
    process.stderr.write(`payhook: installing ${names} into ${directory} (once; takes two minutes or less)\n`);
    // All are waited for: what one of them installed is kept when another one fails.
    const results = await Promise.allSettled(lacking.map((tool) => install(tool, directory)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  } finally {
    unlock();
  }
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { directory: { type: 'string', default: TOOLS_DIRECTORY }, 'missing-packages': { type: 'boolean' } },
  });
  if (values['missing-packages'] === true) {
    process.stdout.write(`${missingCommands().debianPackages.join(' ')}\n`);
    return;
  }
  await setUp(values.directory);
};

try {
  await main();
} catch (thrown) {
  if (!(thrown instanceof SetUpError)) throw thrown;
  process.stderr.write(`payhook: ${thrown.message}\n`);
  process.exitCode = 1;
}
