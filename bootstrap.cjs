// Starts the project with nothing but Node 18 or newer and npm there: `npm start` and `npm run …` install what is missing,
// commands never do. The Node 24 that runs it is one of the packages, so that npm has checked it against its hash. No
// dependencies of its own.
'use strict';
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { install } = require('./bootstrap/install.cjs');
const { hasTools, problemOfInstallation } = require('./bootstrap/installed.cjs');

const ROOT = __dirname;
const NODE_MAJOR_NEEDED = 24;
// Webhooks are garbage as soon as they are answered. With its defaults V8 lets 100 MB of them gather before it
// looks; with much less than this it looks too often.
const NODE_FLAGS = ['--max-semi-space-size=8'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const say = (message) => process.stderr.write(`payhook: ${message}\n`);

const fail = (message) => {
  say(message);
  process.exit(1);
};

/** What the project's Node is started with, unless the environment says otherwise. */
const NODE_ENVIRONMENT = {
  // Without it every start strips the types of every file anew: twice the time and 40 MB more memory.
  NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'payhook'),
  // glibc gives each thread a heap of its own and hardly ever gives it back: 40 MB more, and no faster.
  MALLOC_ARENA_MAX: '1',
};

/** For a person who asked for it: installs what the lockfile says unless it is there. Tools that are there stay. */
const prepare = ({ withTools }) => {
  if (problemOfInstallation(ROOT, { withTools }) === null) return;
  const sentence = install(ROOT, { withTools: withTools || hasTools(ROOT) });
  if (sentence !== null) fail(sentence);
};

/** For a command, which may run beside a server: changes nothing. With other versions than it should it runs all the same. */
const checkInstallation = () => {
  const problem = problemOfInstallation(ROOT, { withTools: false });
  if (problem === null) return;
  if (problem.isMissing) fail(`the packages are not installed (${problem.what}): run npm run setup`);
  say(`the installed packages are not those of the lockfile (${problem.what}): npm run setup installs them`);
};

const isNewEnough = () => Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_NEEDED;

/** The Node that came with the packages; without one for this machine, the one that runs this, if it can. */
const findNode = () => {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const own = join(ROOT, 'node_modules', `node-${system}-${process.arch}`, 'bin', name);
  if (existsSync(own)) return own;
  if (isNewEnough()) return process.execPath;
  return fail(
    `Node ${NODE_MAJOR_NEEDED} is needed, none comes for ${system} ${process.arch}, and this is ${process.version}`,
  );
};

/** Runs a file on the project's Node, passes signals on, and ends the way it ends. Installs nothing. */
const run = (args) => {
  const node = findNode();
  const child = spawn(node, [...NODE_FLAGS, ...args], {
    stdio: 'inherit',
    env: { ...NODE_ENVIRONMENT, ...process.env },
  });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    fail(
      `${node} does not start on this system (${error.code}): use Node ${NODE_MAJOR_NEEDED} of the system, and remove that folder`,
    ),
  );
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const each of SIGNALS) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
};

/** What `bin/payhook` does. */
const runCommand = (argv) => {
  checkInstallation();
  run([join(ROOT, 'src', 'cli', 'main.ts'), ...argv]);
};

module.exports = { NODE_ENVIRONMENT, NODE_FLAGS, runCommand };
if (require.main === module) {
  // `node bootstrap.cjs [--without-tools] [file …]`: installs, then runs the file on the project's Node, when there is one.
  const argv = process.argv.slice(2);
  const withTools = argv[0] !== '--without-tools';
  const [file, ...args] = withTools ? argv : argv.slice(1);
  prepare({ withTools });
  if (file !== undefined) run([resolve(ROOT, file), ...args]);
}
