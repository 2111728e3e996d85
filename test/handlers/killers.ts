/** Handlers that do to their process whatever code can do to one. Each is chosen by the webhook that it is called with. */

/** Source of a module whose `handle` does what the webhook's id ends with. Anything else answers at once. */
export const KILLERS_MODULE = `
import { spawnSync } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

class LedgerError extends Error {}
const fail = async () => { throw new LedgerError('payload 4111111111111111'); };
const kept = [];

const kinds = {
  unawaited: () => { void fail(); },
  late: () => { setTimeout(() => void fail(), 20); },
  timer: () => new Promise(() => { setTimeout(() => { throw new LedgerError('payload 4111111111111111'); }, 1); }),
  exit: () => process.exit(3),
  loop: () => { for (;;); },
  heap: () => { for (;;) kept.push(new Array(10_000).fill(kept.length)); },
  native: async () => { for (;;) { kept.push(Buffer.alloc(32 * 1024 * 1024, 1)); await pause(1); } },
  abort: () => process.abort(),
  sigkill: () => { process.kill(process.pid, 'SIGKILL'); return new Promise(() => undefined); },
  block: () => { const until = performance.now() + 3000; while (performance.now() < until); },
  slow: () => pause(500),
  hang: () => new Promise(() => undefined),
  disconnect: () => process.disconnect(),
  close: () => { closeSync(3); return new Promise(() => undefined); },
  forge: () => { writeSync(3, Buffer.from('{"kind":"answered","id":1}')); return new Promise(() => undefined); },
  flood: () => { for (let i = 0; i < 100_000; i += 1) console.log('x'.repeat(100)); },
  print: () => console.log('printed by a handler'),
};

export const handle = async (webhook, { logger }) => {
  if (webhook.webhookId.endsWith(':env')) {
    throw new Error(JSON.stringify(Object.keys(process.env).filter((name) => name.startsWith('PAYHOOK_'))));
  }
  if (webhook.webhookId.endsWith(':pid')) throw new Error(String(process.pid));
  if (webhook.webhookId.endsWith(':json')) throw new Error(JSON.stringify(webhook.json()));
  if (webhook.webhookId.endsWith(':log')) {
    for (let line = 0; line < 105; line += 1) logger.info('shop.line', { handler: 'ship', body: 'payload', message: 'm'.repeat(10_000) });
  }
  await kinds[webhook.webhookId.split(':').at(-1)]?.();
};
`;
