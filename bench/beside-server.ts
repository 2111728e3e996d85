/** The server of the section `beside` as the section sees it. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import bootstrap from '../bootstrap.cjs';
import type { BesideReply, BesideRequest, BesideWork } from './beside-messages.ts';
import { nextMessage, spawnNode, stopChild } from './child-processes.ts';
import { type PayhookServer, payhookEnvironment } from './payhook-server.ts';

export interface BesideServer extends PayhookServer {
  begin(work: BesideWork): Promise<void>;
  /** What was done since it was begun, by kind. */
  end(): Promise<Readonly<Record<string, number>>>;
}

const API_CREDENTIAL = 'rk_test_thekeyofthebenchmark';

/** `apiUrl`: where it reconciles with. @default nowhere */
export const startBesideServer = async (dataDirectory: string, apiUrl?: string): Promise<BesideServer> => {
  const env = {
    ...payhookEnvironment(dataDirectory, 0),
    ...(apiUrl === undefined ? {} : { BENCH_API_URL: apiUrl, PAYHOOK_STRIPE_API_CREDENTIALS: API_CREDENTIAL }),
  };
  const errors = openSync(`${dataDirectory}.err`, 'a');
  const entry = fileURLToPath(new URL('./beside-process.ts', import.meta.url));
  const child = spawnNode([...bootstrap.NODE_FLAGS, entry], env, ['ignore', 'ignore', errors, 'ipc']);
  closeSync(errors);
  const next = async <Kind extends BesideReply['kind']>(kind: Kind) => {
    const reply = await nextMessage<BesideReply>(child);
    if (reply.kind !== kind) throw new Error(`the server said ${reply.kind} instead of ${kind}`);
    return reply as Extract<BesideReply, { readonly kind: Kind }>;
  };
  const ask = <Kind extends BesideReply['kind']>(request: BesideRequest, kind: Kind) => {
    child.send(request);
    return next(kind);
  };
  const { port } = await next('started');
  return {
    pid: child.pid ?? 0,
    port,
    database: join(dataDirectory, 'payhook.db'),
    begin: async (work) => void (await ask({ kind: 'begin', work }, 'begun')),
    end: async () => (await ask({ kind: 'end' }, 'ended')).counts,
    [Symbol.asyncDispose]: () => stopChild(child),
  };
};
