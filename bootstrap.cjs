// Starts the project with nothing but Node 18 or newer and npm there: `npm start` and `npm run …` install what is missing,
// commands never do. The Node 24 that runs it is one of the packages, so that npm has checked it against its hash. No
// dependencies of its own.
'use strict';
const { existsSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { install } = require('./bootstrap/install.cjs');
const { hasTools, problemOfInstallation } = require('./bootstrap/installed.cjs');
const { CONSOLE_FLAGS, NODE_FLAGS, nodeEnvironment, startNode } = require('./bootstrap/start-node.cjs');

const ROOT = __dirname;
const NODE_NEEDED = '24.7';
const NODE_ENVIRONMENT = nodeEnvironment(join(ROOT, 'node_modules', '.cache', 'payhook'));

const say = (message) => process.stderr.write(`payhook: ${message}\n`);

const fail = (message) => {
  say(message);
  process.exit(1);
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

const isNewEnough = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [majorNeeded, minorNeeded] = NODE_NEEDED.split('.').map(Number);
  return major > majorNeeded || (major === majorNeeded && minor >= minorNeeded);
};

/** The Node that came with the packages; without one for this machine, the one that runs this, if it can. */
const findNode = () => {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const own = join(ROOT, 'node_modules', `node-${system}-${process.arch}`, 'bin', name);
  if (existsSync(own)) return own;
  if (isNewEnough()) return process.execPath;
  return fail(
    `Node ${NODE_NEEDED} is needed, none comes for ${system} ${process.arch}, and this is ${process.version}`,
  );
};

/** Runs a file on the project's Node. Installs nothing. */
const run = (args) => {
  const node = findNode();
  startNode(node, args, {
    environment: NODE_ENVIRONMENT,
    onError: ({ code }) =>
      fail(
        `${node} does not start on this system (${code}): use Node ${NODE_NEEDED} or newer of the system, and remove that folder`,
      ),
  });
};

/** What `bin/payhook` does. */
const runCommand = (argv) => {
  checkInstallation();
  run([join(ROOT, 'src', 'cli', 'main.ts'), ...argv]);
};

module.exports = { CONSOLE_FLAGS, NODE_ENVIRONMENT, NODE_FLAGS, runCommand };
if (require.main === module) {
  // `node bootstrap.cjs [--without-tools] [file …]`: installs, then runs the file on the project's Node, when there is one.
  const argv = process.argv.slice(2);
  const withTools = argv[0] !== '--without-tools';
  const [file, ...args] = withTools ? argv : argv.slice(1);
  prepare({ withTools });
  if (file !== undefined) run([resolve(ROOT, file), ...args]);
}
