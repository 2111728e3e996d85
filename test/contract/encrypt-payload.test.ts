/** Wherever payloads are encrypted, the same comes out of it. */
import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openEncryptThread } from '../../src/adapters/thread/encrypt-thread.ts';
import type { PayhookError } from '../../src/core/errors.ts';
import { createEncryptPayload, createSeal, type EncryptPayload } from '../../src/core/seal.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';

interface Encrypting extends AsyncDisposable {
  readonly encrypt: EncryptPayload;
}

const PLACES: readonly { readonly name: string; readonly open: () => Encrypting }[] = [
  {
    name: 'in the calling thread',
    open: () => ({
      encrypt: createEncryptPayload(createTestRandomness()),
      [Symbol.asyncDispose]: async () => undefined,
    }),
  },
  {
    name: 'on a thread of its own',
    open: () => {
      const { encrypt, close } = openEncryptThread();
      return { encrypt, [Symbol.asyncDispose]: close };
    },
  },
];

const webhook = { webhookId: 'stripe:evt_1', timestamp: 1_795_000_000_000 };
const keys = [1, 2].map((fill) => ({ keyId: `key-${fill}`, key: new Uint8Array(32).fill(fill) }));
const keyObject = (index: number) => createSecretKey(keys[index]!.key);

/** Opens what any of the keys sealed. */
const opener = (encrypt: EncryptPayload) =>
  createSeal({
    dataKeys: {
      generate: async () => keys[0]!,
      open: async (keyId) => ({ keyId, key: keys.find((key) => key.keyId === keyId)!.key }),
    },
    clock: createTestClock(),
    encrypt,
  });

describe.each(PLACES)('EncryptPayload $name', ({ open }) => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['every byte there is', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['a view into a larger block', Buffer.from('before|the payload|after').subarray(7, 18)],
    ['1 MiB', Buffer.alloc(1024 * 1024, 'abc')],
  ])('opens again byte for byte: %s', async (_what, payload) => {
    await using place = open();
    const before = Buffer.from(payload);

    const bytes = await place.encrypt(keyObject(0), payload, webhook);

    const opened = await opener(place.encrypt).open({ keyId: 'key-1', bytes }, webhook);
    expect(Buffer.from(opened).equals(before)).toBe(true);
    expect(payload.equals(before), 'the payload is left as it was').toBe(true);
    expect(bytes.buffer.byteLength, 'in memory of its own').toBe(bytes.length);
  });

  test('never gives the same bytes twice, and every payload of many at once its own', async () => {
    await using place = open();
    const payloads = Array.from({ length: 300 }, (_, index) => Buffer.from(`payload ${index % 100}`));

    const sealed = await Promise.all(
      payloads.map((payload, index) => place.encrypt(keyObject(0), payload, { ...webhook, timestamp: index })),
    );

    expect(new Set(sealed.map((bytes) => Buffer.from(bytes).toString('base64'))).size).toBe(300);
    for (const [index, bytes] of sealed.entries()) {
      const opened = await opener(place.encrypt).open({ keyId: 'key-1', bytes }, { ...webhook, timestamp: index });
      expect(Buffer.from(opened)).toEqual(payloads[index]);
    }
  });

  test('binds the bytes to webhook, timestamp and key', async () => {
    await using place = open();
    const [first, second] = await Promise.all(
      [0, 1].map((index) => place.encrypt(keyObject(index), Buffer.from('x'), webhook)),
    );
    const { open: openSealed } = opener(place.encrypt);

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

describe('openEncryptThread', () => {
  test('finishes what was asked before it closes, and refuses what comes after', async () => {
    const deaths: PayhookError[] = [];
    const thread = openEncryptThread({ onDeath: (error) => deaths.push(error) });
    const asked = thread.encrypt(keyObject(0), Buffer.from('x'), webhook);

    await thread.close();

    expect((await asked).length).toBeGreaterThan(29);
    await expect(thread.encrypt(keyObject(0), Buffer.from('x'), webhook)).rejects.toMatchObject({
      code: 'store_closed',
    });
    expect(deaths).toEqual([]);
  });
});
