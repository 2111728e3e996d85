// Whether a server runs from this checkout. Asked of the system's processes, because a server may run as another user who
// cannot leave a note in the checkout, and because a note outlives a server that was killed.
'use strict';
const { readdirSync, readFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

const SERVING = ['serve', 'dev'];

/** Every process with its arguments. Empty where nobody can be asked: Windows, which keeps open files in place by itself. */
const processes = () => {
  if (process.platform === 'win32') return [];
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => ({ pid: Number(pid), args: argumentsOf(pid) }));
  }
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,args='], { encoding: 'utf8' });
  return (stdout ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, ...args]) => ({ pid: Number(pid), args }));
};

const argumentsOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It has ended meanwhile, or the system hides other users' processes.
    return [];
  }
};

/** The id of a process that serves from this checkout; undefined when there is none. */
const runningServer = (root) => {
  const main = join(root, 'src', 'cli', 'main.ts');
  return processes().find(({ pid, args }) => {
    const at = args.indexOf(main);
    return at !== -1 && pid !== process.pid && args.slice(at + 1).some((arg) => SERVING.includes(arg));
  })?.pid;
};

module.exports = { runningServer };
