/** Wherever payloads are encrypted, the same comes out of it. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSqliteThread } from '../../src/adapters/sqlite/sqlite-thread.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { createEncryptPayload, createSeal } from '../../src/core/seal.ts';
import { sealLater } from '../../src/core/seal-later.ts';
import type { WebhookKey } from '../../src/core/webhook.ts';
import { createTestClock } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { createTestRandomness } from '../support/randomness.ts';
import { createTestFolder } from '../support/running-server.ts';

type Encrypt = (key: KeyObject, payload: Uint8Array, webhook: WebhookKey) => Promise<Uint8Array>;

interface Encrypting extends AsyncDisposable {
  readonly encrypt: Encrypt;
}

const here = (compressedBytesMin = 0): Encrypting => {
  const encrypt = createEncryptPayload(createTestRandomness(), { compressedBytesMin });
  return { encrypt: async (...input) => encrypt(...input), [Symbol.asyncDispose]: async () => undefined };
};

const nobodyElseSeals = (): never => {
  throw new Error('the thread seals');
};

/** What the database thread has stored of a payload that came to it unsealed. */
const onDatabaseThread = async (): Promise<Encrypting> => {
  const folder = createTestFolder();
  const executor = await openSqliteThread({ path: join(folder.path, 'payhook.db') });
  const keyIds = new Map<string, string>();
  return {
    async encrypt(key, payload, { webhookId, timestamp }) {
      const keyText = key.export().toString('hex');
      const keyId = keyIds.get(keyText) ?? `key-${keyIds.size + 1}`;
      keyIds.set(keyText, keyId);
      const later = sealLater({ keyId, key, payload }, nobodyElseSeals);
      await executor.run('webhookInsert', insertionOf({ webhookId, timestamp, payload: later }));
      const stored = await executor.run('webhookGet', { webhookId, timestamp });
      return new Uint8Array(stored?.payload.bytes ?? []);
    },
    async [Symbol.asyncDispose]() {
      await executor.close();
      folder[Symbol.dispose]();
    },
  };
};

const PLACES: readonly { readonly name: string; readonly open: () => Encrypting | Promise<Encrypting> }[] = [
  { name: 'in the calling thread, compressed', open: () => here() },
  { name: 'in the calling thread, small ones as they are', open: () => here(LIMITS.compressedBytesMin) },
  { name: 'on the database thread', open: onDatabaseThread },
];

const webhook = { webhookId: 'stripe:evt_1', timestamp: 1_795_000_000_000 };
const keys = [1, 2].map((fill) => ({ keyId: `key-${fill}`, key: new Uint8Array(32).fill(fill) }));
const keyObject = (index: number) => createSecretKey(keys[index]!.key);

/** Opens what any of the keys sealed. */
const opener = () =>
  createSeal({
    dataKeys: {
      generate: async () => keys[0]!,
      open: async (keyId) => ({ keyId, key: keys.find((key) => key.keyId === keyId)!.key }),
    },
    clock: createTestClock(),
    encrypt: createEncryptPayload(createTestRandomness()),
  });

describe.each(PLACES)('EncryptPayload $name', ({ open }) => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['every byte there is', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['a view into a larger block', Buffer.from('before|the payload|after').subarray(7, 18)],
    ['1 MiB', Buffer.alloc(1024 * 1024, 'abc')],
  ])('opens again byte for byte: %s', async (_what, payload) => {
    await using place = await open();
    const before = Buffer.from(payload);

    const bytes = await place.encrypt(keyObject(0), payload, webhook);

    const opened = await opener().open({ keyId: 'key-1', bytes }, webhook);
    expect(Buffer.from(opened).equals(before)).toBe(true);
    expect(payload.equals(before), 'the payload is left as it was').toBe(true);
    expect(bytes.buffer.byteLength, 'in memory of its own').toBe(bytes.length);
  });

  test('never gives the same bytes twice, and every payload of many at once its own', async () => {
    await using place = await open();
    const payloads = Array.from({ length: 300 }, (_, index) => Buffer.from(`payload ${index % 100}`));

    const sealed = await Promise.all(
      payloads.map((payload, index) => place.encrypt(keyObject(0), payload, { ...webhook, timestamp: index })),
    );

    expect(new Set(sealed.map((bytes) => Buffer.from(bytes).toString('base64'))).size).toBe(300);
    for (const [index, bytes] of sealed.entries()) {
      const opened = await opener().open({ keyId: 'key-1', bytes }, { ...webhook, timestamp: index });
      expect(Buffer.from(opened)).toEqual(payloads[index]);
    }
  });

  test('binds the bytes to webhook, timestamp and key', async () => {
    await using place = await open();
    await using other = await open();
    const [first, second] = await Promise.all(
      [place, other].map(({ encrypt }, index) => encrypt(keyObject(index), Buffer.from('x'), webhook)),
    );
    const { open: openSealed } = opener();

    await expect(openSealed({ keyId: 'key-2', bytes: second! }, webhook)).resolves.toEqual(Buffer.from('x'));
    await expect(openSealed({ keyId: 'key-2', bytes: first! }, webhook)).rejects.toMatchObject({ code: 'seal_broken' });
    await expect(openSealed({ keyId: 'key-1', bytes: first! }, { ...webhook, timestamp: 0 })).rejects.toMatchObject({
      code: 'seal_broken',
    });
    await expect(
      openSealed({ keyId: 'key-1', bytes: first! }, { ...webhook, webhookId: 'stripe:evt_2' }),
    ).rejects.toMatchObject({ code: 'seal_broken' });
    const changed = Uint8Array.from(first!);
    changed[changed.length - 1]! ^= 1;
    await expect(openSealed({ keyId: 'key-1', bytes: changed }, webhook)).rejects.toMatchObject({
      code: 'seal_broken',
    });
  });
});
