// Starts a Node that does the work of this process: signals go on to it, and this process ends the way that it ends.
'use strict';
const { spawn } = require('node:child_process');

// Webhooks are garbage as soon as they are answered. With its defaults V8 lets 100 MB of them gather before it
// looks; with much less than this it looks too often.
// The more memory a machine has, the more garbage V8 lets grow old before it looks: up to four times what is in use, which was
// 60 MB of the server's main heap and growing. Within a gigabyte it looks at half as much again. Nothing of ours needs that much.
const NODE_FLAGS = ['--max-semi-space-size=8', '--max-old-space-size=1024'];
// A person looks at one list after the other, beside a server that needs the memory more.
const CONSOLE_FLAGS = [
  '--max-semi-space-size=1',
  '--max-old-space-size=1024',
  '--heap-growing-percent=10',
  '--no-opt',
  '--no-maglev',
  '--expose-gc',
];
// By the first command that is named: an operator, or what is looked for, may be called "console" too.
const LONG_RUNNING = ['serve', 'dev', 'console'];
const flagsOf = (args) => (args.find((each) => LONG_RUNNING.includes(each)) === 'console' ? CONSOLE_FLAGS : NODE_FLAGS);
/** What a Node of ours is started with, unless the environment says otherwise. `cache`: a folder that only we write to. */
const nodeEnvironment = (cache) => ({
  // Without it every start strips or compiles every file anew: twice the time and 40 MB more memory.
  NODE_COMPILE_CACHE: cache,
  // glibc gives each thread a heap of its own and hardly ever gives it back: 40 MB more, and no faster. With one for all of
  // them the threads of HTTP and of the database waited for each other almost once a webhook, a sixth of what they can do.
  MALLOC_ARENA_MAX: '2',
});
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** `onError`: told when it cannot be started at all. */
const startNode = (node, args, { environment, onError }) => {
  const child = spawn(node, [...flagsOf(args), ...args], {
    stdio: 'inherit',
    env: { ...environment, ...process.env },
  });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', onError);
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const each of SIGNALS) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
};

module.exports = { CONSOLE_FLAGS, NODE_FLAGS, nodeEnvironment, startNode };
