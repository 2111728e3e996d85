// Makes sure that the project can run, with nothing but Node 18 or newer and npm there: installs the dependencies when
// they are missing or older than the lockfile, and finds the Node 24 that is one of them. No dependencies of its own.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const { existsSync, statSync } = require('node:fs');
const { join } = require('node:path');

const ROOT = __dirname;
const NODE_MAJOR_NEEDED = 24;
// Webhooks are garbage as soon as they are answered. With its defaults V8 lets 100 MB of them gather before it
// looks; with much less than this it looks too often.
const NODE_FLAGS = ['--max-semi-space-size=8'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Whether what tests, checks and the AWS home need is installed too: hundreds of megabytes that a server does not need. */
const hasTools = () => existsSync(join(ROOT, 'node_modules', 'vitest', 'package.json'));

/** npm writes its own lockfile copy last, so an older one means an install that is stale or was interrupted. */
const isInstalled = (withTools) => {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  const isFresh =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(ROOT, 'package-lock.json')).mtimeMs;
  return isFresh && (!withTools || hasTools());
};

const fail = (message) => {
  process.stderr.write(`payhook: ${message}\n`);
  process.exit(1);
};

const install = (withTools) => {
  const what = withTools ? 'dependencies and development tools' : 'dependencies';
  process.stderr.write(`payhook: installing ${what} with npm ci (once; takes a minute or less)\n`);
  const omitted = withTools ? [] : ['--omit=dev'];
  const npm = process.env.npm_execpath;
  const [command, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const { status } = spawnSync(command, [...args, 'ci', ...omitted, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: npm === undefined && process.platform === 'win32',
  });
  if (status !== 0) fail('npm ci failed (see above): check the network and the disk, then run the same command again');
};

/** What the project's Node is started with, unless the environment says otherwise. */
const NODE_ENVIRONMENT = {
  // Without it every start strips the types of every file anew: twice the time and 40 MB more memory.
  NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'payhook'),
  // glibc gives each thread a heap of its own and hardly ever gives it back: 40 MB more, and no faster.
  MALLOC_ARENA_MAX: '1',
};

/** Installs when needed and returns the path of a Node that can run the project. What is there is never taken away. */
const prepare = ({ withTools }) => {
  if (!isInstalled(withTools)) install(withTools || hasTools());
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const own = join(ROOT, 'node_modules', 'node', 'bin', name);
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_NEEDED) return process.execPath;
  return fail(
    `Node ${NODE_MAJOR_NEEDED} is missing: its install script did not run, and this is ${process.version}; ` +
      `run npm rebuild node, or use Node ${NODE_MAJOR_NEEDED}`,
  );
};

/** Runs the project's Node with these arguments, passes signals on, and ends the way it ends. */
const run = (args, { withTools = false } = {}) => {
  const node = prepare({ withTools });
  const child = spawn(node, [...NODE_FLAGS, ...args], {
    stdio: 'inherit',
    env: { ...NODE_ENVIRONMENT, ...process.env },
  });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot start Node: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const each of SIGNALS) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
};

module.exports = { NODE_ENVIRONMENT, NODE_FLAGS, run };
if (require.main === module) {
  // `node bootstrap.cjs`: everything that `npm test` and the like need. With a file: runs it on the project's Node, too.
  const [file, ...args] = process.argv.slice(2);
  if (file === undefined) prepare({ withTools: true });
  else run([file, ...args], { withTools: true });
}
