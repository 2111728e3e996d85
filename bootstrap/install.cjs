// Installs the packages of the lockfile beside the old ones and then puts them into place with two renames: whoever looks
// finds the old installation, or the new one, or for a moment none, but never a part of one.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { join } = require('node:path');
const { problemOfInstallation } = require('./installed.cjs');
const { runningServer } = require('./running-server.cjs');

/** npm tries the network again for minutes; beyond this it hangs. A lock that is older belongs to nobody. */
const INSTALL_MS_MAX = 900_000;
const STAGE = '.installing';
const LOCK = '.installing.lock';
const COPIED = ['package.json', 'package-lock.json', '.npmrc'];

/** What is in the way, as a sentence. Everything else that is thrown here is a bug. */
class Refusal extends Error {}

const refuse = (sentence) => {
  throw new Refusal(sentence);
};

const refuseWhileServing = (root) => {
  const pid = runningServer(root);
  if (pid !== undefined) {
    refuse(`the packages have to be installed, but a server of this checkout runs (process ${pid}): stop it first`);
  }
};

/** Files of root in somebody's checkout are files that its owner cannot change any more. */
const refuseForeignCheckout = (root) => {
  const owner = fs.statSync(root).uid;
  if (process.getuid?.() === 0 && owner !== 0 && process.env.CI === undefined) {
    refuse(`the packages have to be installed, but this checkout belongs to user ${owner}: run this as that user`);
  }
};

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** A stage of somebody who has ended is hundreds of megabytes that nobody needs. */
const removeDeadStages = (root) => {
  for (const name of fs.readdirSync(root)) {
    const pid = new RegExp(`^${STAGE}-(\\d+)$`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) fs.rmSync(join(root, name), { recursive: true, force: true });
  }
};

/** Takes the lock, or takes it over from a process that has ended. A link is made with its content or not at all. */
const takeLock = (root, stage) => {
  const lock = join(root, LOCK);
  const mine = join(stage, 'lock');
  fs.writeFileSync(mine, String(process.pid));
  for (const isLastTry of [false, true]) {
    try {
      fs.linkSync(mine, lock);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(fs.readFileSync(lock, 'utf8'));
    const isOld = Date.now() - fs.statSync(lock).mtimeMs > INSTALL_MS_MAX;
    if (isLastTry || (isAlive(holder) && !isOld)) {
      refuse(`process ${holder} is installing the packages of this checkout: run this again when it is done`);
    }
    fs.rmSync(lock, { force: true });
  }
};

const runNpm = (stage, withTools) => {
  const { npm_config_local_prefix: _, ...env } = process.env;
  const npm = env.npm_execpath;
  const [command, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const omitted = withTools ? [] : ['--omit=dev'];
  return spawnSync(command, [...args, 'ci', ...omitted, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: stage,
    env,
    stdio: ['ignore', 2, 2],
    shell: npm === undefined && process.platform === 'win32',
    timeout: INSTALL_MS_MAX,
  });
};

/** The old packages step aside and come back when the new ones cannot take their place. */
const putIntoPlace = (stage, root) => {
  const place = join(root, 'node_modules');
  const aside = join(stage, 'old');
  const hasOld = fs.lstatSync(place, { throwIfNoEntry: false }) !== undefined;
  if (hasOld) fs.renameSync(place, aside);
  try {
    fs.renameSync(join(stage, 'node_modules'), place);
  } catch (error) {
    if (hasOld) fs.renameSync(aside, place);
    throw error;
  }
};

const installLocked = (root, stage, withTools) => {
  for (const name of COPIED) {
    if (fs.existsSync(join(root, name))) fs.copyFileSync(join(root, name), join(stage, name));
  }
  const what = withTools ? 'dependencies and development tools' : 'dependencies';
  process.stderr.write(`payhook: installing ${what} with npm ci (once; takes a minute or some)\n`);
  const { status, error } = runNpm(stage, withTools);
  if (error?.code === 'ENOENT') refuse('npm is missing: install it with Node, then run the same command again');
  if (status !== 0) {
    refuse('npm ci failed (see above), nothing was changed: check the network and the disk, then run this again');
  }
  const problem = problemOfInstallation(stage, { withTools });
  if (problem !== null) refuse(`npm ci left something out (${problem.what}), nothing was changed: run this again`);
  refuseWhileServing(root);
  putIntoPlace(stage, root);
};

const installAside = (root, withTools) => {
  refuseWhileServing(root);
  refuseForeignCheckout(root);
  const stage = join(root, `${STAGE}-${process.pid}`);
  try {
    fs.mkdirSync(stage);
    takeLock(root, stage);
    try {
      removeDeadStages(root);
      // Whoever held the lock before may have done it.
      if (problemOfInstallation(root, { withTools }) !== null) installLocked(root, stage, withTools);
    } finally {
      fs.rmSync(join(root, LOCK), { force: true });
    }
  } finally {
    fs.rmSync(stage, { recursive: true, force: true });
  }
};

/** Installs, and returns null; or changes nothing, and returns the sentence that says why. */
const install = (root, { withTools }) => {
  try {
    installAside(root, withTools);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    if (error.syscall === undefined) throw error;
    return `the packages have to be installed, but this folder cannot be changed (${error.code}, ${error.syscall} ${error.path}): run npm run setup as a user who may`;
  }
};

module.exports = { install };
