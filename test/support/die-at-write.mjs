// Loaded before a command: ends the process, as a power cut would, before its write number PAYHOOK_TEST_DIE_AT_WRITE.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { StatementSync } from 'node:sqlite';

const dieAt = Number(process.env.PAYHOOK_TEST_DIE_AT_WRITE);
delete process.env.PAYHOOK_TEST_DIE_AT_WRITE;
let writes = 0;

const watch = (owner, name) => {
  const original = owner[name];
  owner[name] = function (...args) {
    writes += 1;
    if (writes === dieAt) process.kill(process.pid, 'SIGKILL');
    return original.apply(this, args);
  };
};

const NAMES = ['mkdirSync', 'rmSync', 'rmdirSync', 'renameSync', 'copyFileSync', 'writeFileSync', 'chmodSync'];
for (const name of NAMES) watch(fs, name);
for (const name of ['writeFile', 'rename']) watch(fs.promises, name);
watch(StatementSync.prototype, 'run');
syncBuiltinESMExports();
