/** What each step of `receive` costs in one thread, on bodies that differ from call to call. */
import { createCipheriv, createSecretKey, hash, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { zstdCompressSync } from 'node:zlib';
import { createMemorySecretSource } from '../src/adapters/memory/memory-secret-source.ts';
import { systemClock } from '../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../src/adapters/system/system-randomness.ts';
import { screenCardData } from '../src/core/card-data/card-data.ts';
import { LIMITS } from '../src/core/limits.ts';
import type { CertificateSource } from '../src/core/ports/certificate-source.ts';
import type { DataKeySource } from '../src/core/ports/data-key-source.ts';
import type { Delivery, Verified } from '../src/core/ports/provider.ts';
import type { Insertion } from '../src/core/ports/webhook-store.ts';
import { createEncryptPayload, createSeal } from '../src/core/seal.ts';
import { DAY_MS } from '../src/core/time.ts';
import { stripe } from '../src/providers/stripe/stripe.ts';
import { identifyEvents } from '../src/receive/identify.ts';
import { createReceive } from '../src/receive/receive.ts';
import { createDeliveries, SIGNING_SECRET, STRIPE_SETTINGS } from './deliveries.ts';
import { median } from './statistics.ts';

const ROUNDS = 5;
const BODIES = 512;
const KEY = { webhookId: 'stripe:evt_measured', timestamp: 0 };
const certificates: CertificateSource = {
  fetch: async () => {
    throw new Error('Stripe has no certificates');
  },
};

const dataKeys = (): DataKeySource => {
  const key = { keyId: '01234567-89ab-7def-8123-456789abcdef', key: new Uint8Array(randomBytes(32)) };
  return { generate: async () => key, open: async () => key };
};

/** Headers as the edge hands them over: those of the load generator. */
const deliveryOf = (body: Buffer, headers: Readonly<Record<string, string>>): Delivery => ({
  body,
  headers: new Map(
    Object.entries({
      host: '127.0.0.1',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      accept: '*/*; q=0.5, application/xml',
      'cache-control': 'no-cache',
      ...headers,
      'content-length': String(body.length),
    }).map(([name, value]) => [name, [value]]),
  ),
  method: 'POST',
  query: '',
  publicUrl: null,
});

/** Receives `count` new deliveries into `onInsertion` and returns microseconds for each. */
export const measureReceive = async (
  count: number,
  onInsertion: (insertion: Insertion, body: Uint8Array) => void,
): Promise<number> => {
  const unused = async (): Promise<never> => {
    throw new Error('only inserts are expected');
  };
  const receive = createReceive({
    providers: new Map([['stripe', { provider: stripe, settings: STRIPE_SETTINGS }]]),
    secrets: createMemorySecretSource(new Map([['stripe', [SIGNING_SECRET]]])),
    certificates,
    seal: createSeal({
      dataKeys: dataKeys(),
      clock: systemClock,
      encrypt: createEncryptPayload(createSystemRandomness(systemClock), {
        compressedBytesMin: LIMITS.compressedBytesMin,
      }),
    }),
    store: {
      insert: async (insertion) => {
        onInsertion(insertion, receiving ?? new Uint8Array());
        return { outcome: 'inserted', isQueued: true };
      },
      get: unused,
      find: unused,
      change: unused,
      list: unused,
      listBrief: unused,
    },
    queue: { enqueue: unused },
    clock: systemClock,
    alerts: { raise: () => undefined },
    retentionMs: 400 * DAY_MS,
  });
  let receiving: Uint8Array | undefined;
  const next = createDeliveries();
  const deliveries = Array.from({ length: count }, () => {
    const { body, headers } = next();
    return deliveryOf(body, headers);
  });
  const startedAt = performance.now();
  for (const delivery of deliveries) {
    receiving = delivery.body;
    await receive({
      providerName: 'stripe',
      delivery,
      receivedAt: Date.now(),
      traceId: '01234567-89ab-7def-8123-456789abcdef',
    });
  }
  return ((performance.now() - startedAt) * 1000) / count;
};

/** What `receive` would insert for `count` new deliveries. */
export const createInsertions = async (count: number): Promise<readonly Insertion[]> => {
  const insertions: Insertion[] = [];
  await measureReceive(count, (insertion) => void insertions.push(insertion));
  return insertions;
};

export interface InsertionWithBody {
  readonly insertion: Insertion;
  readonly body: Uint8Array;
}

/** The same, each with its body. */
export const createInsertionsWithBodies = async (count: number): Promise<readonly InsertionWithBody[]> => {
  const made: InsertionWithBody[] = [];
  await measureReceive(count, (insertion, body) => void made.push({ insertion, body }));
  return made;
};

/** Median microseconds of a call, over several rounds after one that is not counted. */
const measure = (calls: number, step: (delivery: Delivery) => unknown, deliveries: readonly Delivery[]): number => {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const startedAt = performance.now();
    for (let call = 0; call < calls; call += 1) step(deliveries[call % deliveries.length] as Delivery);
    if (round > 0) rounds.push(((performance.now() - startedAt) * 1000) / calls);
  }
  return median(rounds);
};

export interface CoreCosts {
  readonly verify: number;
  readonly identify: number;
  readonly jsonParse: number;
  readonly screen: number;
  readonly sha256: number;
  readonly zstd: number;
  readonly aesGcm: number;
  readonly seal: number;
  readonly unseal: number;
}

/** Microseconds of each step. */
export const measureCore = async (calls: number): Promise<CoreCosts> => {
  const next = createDeliveries();
  const deliveries = Array.from({ length: BODIES }, () => {
    const { body, headers } = next();
    return deliveryOf(body, headers);
  });
  const secrets = [{ id: 'stripe#1', value: SIGNING_SECRET }];
  const verification: Verified = {
    outcome: 'verified',
    secretId: 'stripe#1',
    isSimulated: false,
    transmission: null,
  };
  const randomness = createSystemRandomness(systemClock);
  const seal = createSeal({
    dataKeys: dataKeys(),
    clock: systemClock,
    encrypt: createEncryptPayload(randomness, { compressedBytesMin: LIMITS.compressedBytesMin }),
  });
  const key = createSecretKey(randomBytes(32));
  const nonce = randomBytes(12);
  const compressed = zstdCompressSync((deliveries[0] as Delivery).body);
  const sealed = await seal.seal((deliveries[0] as Delivery).body, KEY);
  await seal.open(sealed, KEY);

  const of = (step: (delivery: Delivery) => unknown): number => measure(calls, step, deliveries);
  return {
    verify: of((delivery) =>
      stripe.verify({ delivery, secrets, settings: STRIPE_SETTINGS, now: Date.now(), certificates }),
    ),
    identify: of((delivery) => identifyEvents(stripe, delivery, verification, '')),
    jsonParse: of(({ body }) => JSON.parse(new TextDecoder().decode(body))),
    screen: of(({ body }) => screenCardData(body)),
    sha256: of(({ body }) => hash('sha256', body, 'hex')),
    zstd: of(({ body }) => zstdCompressSync(body)),
    aesGcm: of(() => {
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
      cipher.update(compressed);
      cipher.final();
      return cipher.getAuthTag();
    }),
    seal: await measureAsync(calls, deliveries, ({ body }) => seal.seal(body, KEY)),
    unseal: await measureAsync(calls, deliveries, () => seal.open(sealed, KEY)),
  };
};

const measureAsync = async (
  calls: number,
  deliveries: readonly Delivery[],
  step: (delivery: Delivery) => Promise<unknown>,
): Promise<number> => {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const startedAt = performance.now();
    for (let call = 0; call < calls; call += 1) await step(deliveries[call % deliveries.length] as Delivery);
    if (round > 0) rounds.push(((performance.now() - startedAt) * 1000) / calls);
  }
  return median(rounds);
};
