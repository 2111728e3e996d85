import { createSecretKey } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createTestRandomness } from '../../test/support/randomness.ts';
import { PayhookError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { DataKey, DataKeySource } from './ports/data-key-source.ts';
import { createEncryptPayload, createSeal, type EncryptPayload } from './seal.ts';

const WEBHOOK = { webhookId: 'stripe:evt_1', timestamp: 1_795_000_000_000 };
const PAYLOAD = Buffer.from('{"id":"evt_1","amount":2000}');

/** Keys 1, 2, 3 … as they are asked for; notes what is asked. */
const createKeys = (overrides: Partial<DataKeySource> = {}) => {
  const made = new Map<string, DataKey>();
  const opened: string[] = [];
  const source: DataKeySource = {
    generate: async () => {
      const keyId = `key-${made.size + 1}`;
      const dataKey = { keyId, key: new Uint8Array(32).fill(made.size + 1) };
      made.set(keyId, dataKey);
      return dataKey;
    },
    open: async (keyId) => {
      opened.push(keyId);
      const dataKey = made.get(keyId);
      if (dataKey === undefined) throw new PayhookError('data_key_unknown', `there is no data key ${keyId}`);
      return dataKey;
    },
    ...overrides,
  };
  return { source, opened, generated: () => made.size };
};

const open = (overrides: Partial<DataKeySource> = {}, encrypt: EncryptPayload = () => new Uint8Array(1)) => {
  const clock = createTestClock();
  const keys = createKeys(overrides);
  return { clock, ...keys, seal: createSeal({ dataKeys: keys.source, clock, encrypt }) };
};

const openReal = () => open({}, createEncryptPayload(createTestRandomness()));

describe('a sealed payload', () => {
  test('opens as it was, and shows nothing of it before', async () => {
    const { seal } = openReal();

    const sealed = await seal.seal(PAYLOAD, WEBHOOK);

    expect(sealed.keyId).toBe('key-1');
    expect(Buffer.from(sealed.bytes).includes('evt_1')).toBe(false);
    expect(Buffer.from(await seal.open(sealed, WEBHOOK)).equals(PAYLOAD)).toBe(true);
  });

  test('is another one each time: no nonce is used twice', async () => {
    const { seal } = openReal();

    const bytes = await Promise.all(Array.from({ length: 3000 }, () => seal.seal(PAYLOAD, WEBHOOK)));

    expect(new Set(bytes.map((sealed) => Buffer.from(sealed.bytes.subarray(1, 13)).toString('hex'))).size).toBe(3000);
  });

  test.each([
    { ...WEBHOOK, webhookId: 'stripe:evt_2' },
    { ...WEBHOOK, timestamp: WEBHOOK.timestamp + 1 },
  ])('does not open for another webhook: %o', async (other) => {
    const { seal } = openReal();
    const sealed = await seal.seal(PAYLOAD, WEBHOOK);

    await expect(seal.open(sealed, other)).rejects.toMatchObject({ code: 'seal_broken' });
  });

  test('does not open once any one of its bytes was changed', async () => {
    const { seal } = openReal();
    const { keyId, bytes } = await seal.seal(PAYLOAD, WEBHOOK);

    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
      await expect(seal.open({ keyId, bytes: changed }, WEBHOOK), `byte ${at}`).rejects.toMatchObject({
        code: 'seal_broken',
        message: expect.stringContaining('stripe:evt_1'),
      });
    }
  });

  test.each([0, 1, 28])('does not open when only %i bytes are left of it', async (length) => {
    const { seal } = openReal();
    const { keyId, bytes } = await seal.seal(PAYLOAD, WEBHOOK);

    await expect(seal.open({ keyId, bytes: bytes.subarray(0, length) }, WEBHOOK)).rejects.toMatchObject({
      code: 'seal_broken',
    });
  });

  test('says which format it is not in when its first byte is another one', async () => {
    const { seal } = openReal();
    const { keyId, bytes } = await seal.seal(PAYLOAD, WEBHOOK);

    await expect(seal.open({ keyId, bytes: new Uint8Array([9, ...bytes.slice(1)]) }, WEBHOOK)).rejects.toThrow(
      'payload of stripe:evt_1 is not in sealed format 1 to 4',
    );
  });

  test('is compressed from the size on that is worth it, and opens either way', async () => {
    const { seal } = open({}, createEncryptPayload(createTestRandomness(), { compressedBytesMin: 1000 }));
    const [small, large] = [Buffer.alloc(999, 'a'), Buffer.alloc(1000, 'a')];

    const sealed = [await seal.seal(small, WEBHOOK), await seal.seal(large, WEBHOOK)];

    expect(sealed.map(({ bytes }) => bytes[0])).toEqual([2, 1]);
    expect(sealed[0]?.bytes.length).toBe(999 + 29);
    expect(sealed[1]?.bytes.length).toBeLessThan(100);
    const opened = await Promise.all(sealed.map((each) => seal.open(each, WEBHOOK)));
    expect(opened.map((payload) => Buffer.from(payload).toString())).toEqual([String(small), String(large)]);
  });

  test('does not open as the other format: which one it is was sealed along', async () => {
    const { seal } = open({}, createEncryptPayload(createTestRandomness(), { compressedBytesMin: 1000 }));
    const { keyId, bytes } = await seal.seal(PAYLOAD, WEBHOOK);

    const asOther = seal.open({ keyId, bytes: new Uint8Array([1, ...bytes.slice(1)]) }, WEBHOOK);

    await expect(asOther).rejects.toMatchObject({ code: 'seal_broken' });
  });

  test('that would come out larger than any body does not fill the memory', async () => {
    const encrypt = createEncryptPayload(createTestRandomness());
    const { seal, source } = open({}, encrypt);
    const { keyId, key } = await source.generate();
    const bytes = encrypt(createSecretKey(key), Buffer.alloc(LIMITS.bodyBytesMax + 1), WEBHOOK);

    await expect(seal.open({ keyId, bytes }, WEBHOOK)).rejects.toThrow(RangeError);
  });

  test('is never made of more than a body', async () => {
    const { seal } = openReal();

    await expect(seal.seal(Buffer.alloc(LIMITS.bodyBytesMax + 1), WEBHOOK)).rejects.toThrow('never larger than a body');
  });
});

describe('a payload that is sealed later', () => {
  const openLater = () => {
    const clock = createTestClock();
    const keys = createKeys();
    let sealings = 0;
    const encryptNow = createEncryptPayload(createTestRandomness());
    const encrypt: EncryptPayload = (...input) => {
      sealings += 1;
      return encryptNow(...input);
    };
    const seal = createSeal({ dataKeys: keys.source, clock, encrypt, isLater: true });
    return { seal, sealings: () => sealings };
  };

  test('is sealed once, by whoever asks for its bytes first', async () => {
    const { seal, sealings } = openLater();
    const payload = await seal.seal(PAYLOAD, WEBHOOK);
    expect(sealings()).toBe(0);

    const [first, second] = [payload.bytes, payload.bytes];
    const copy = { keyId: payload.keyId, bytes: first };

    expect(sealings()).toBe(1);
    expect(first).toBe(second);
    expect(Buffer.from(await seal.open(copy, WEBHOOK)).equals(PAYLOAD)).toBe(true);
  });

  test('opens as it is before that, and no copy, list or text of it holds the payload', async () => {
    const { seal, sealings } = openLater();
    const payload = await seal.seal(PAYLOAD, WEBHOOK);

    expect(Buffer.from(await seal.open(payload, WEBHOOK)).equals(PAYLOAD)).toBe(true);
    expect(sealings()).toBe(0);
    const copies = [{ ...payload }, structuredClone(payload), JSON.parse(JSON.stringify(payload)), inspect(payload)];
    expect(copies.slice(0, 3)).toEqual(Array(3).fill({ keyId: 'key-1' }));
    expect(String(copies[3])).not.toContain('payload');
  });
});

describe('the key that payloads are sealed under', () => {
  test('is the same for all of a day, and another one afterwards', async () => {
    const { seal, clock } = open();
    const keyIds = [(await seal.seal(PAYLOAD, WEBHOOK)).keyId];
    clock.advance(LIMITS.dataKeyAgeMsMax - 1);
    keyIds.push((await seal.seal(PAYLOAD, WEBHOOK)).keyId);
    clock.advance(1);
    keyIds.push((await seal.seal(PAYLOAD, WEBHOOK)).keyId);

    expect(keyIds).toEqual(['key-1', 'key-1', 'key-2']);
  });

  test('is another one after as many payloads as one key may seal', async () => {
    const { seal } = open();
    let keyId = '';
    for (let use = 0; use < LIMITS.dataKeyUsesMax; use += 1) ({ keyId } = await seal.seal(PAYLOAD, WEBHOOK));

    expect(keyId).toBe('key-1');
    expect((await seal.seal(PAYLOAD, WEBHOOK)).keyId).toBe('key-2');
  });

  test('is made once for however many payloads come at the same moment', async () => {
    const { seal, clock, generated } = open();
    const sealMany = () => Promise.all(Array.from({ length: 50 }, () => seal.seal(PAYLOAD, WEBHOOK)));

    await sealMany();
    expect(generated()).toBe(1);
    clock.advance(LIMITS.dataKeyAgeMsMax);
    const keyIds = new Set((await sealMany()).map(({ keyId }) => keyId));

    expect([...keyIds]).toEqual(['key-2']);
    expect(generated()).toBe(2);
  });

  test('is asked for again after it could not be had: a failure does not stick', async () => {
    let isBroken = true;
    const { generate } = createKeys().source;
    const { seal } = open({
      generate: async () => {
        if (isBroken) throw new PayhookError('data_key_unavailable', 'KMS is down');
        return generate();
      },
    });

    await expect(seal.seal(PAYLOAD, WEBHOOK)).rejects.toMatchObject({ code: 'data_key_unavailable' });
    isBroken = false;
    expect((await seal.seal(PAYLOAD, WEBHOOK)).keyId).toBe('key-1');
  });
});

describe('the keys that payloads are opened with', () => {
  /** Sealed under the keys of these numbers. */
  const sealedUnder = async (count: number) => {
    const home = openReal();
    const sealed = [];
    for (let number = 1; number <= count; number += 1) {
      sealed.push(await home.seal.seal(PAYLOAD, WEBHOOK));
      home.clock.advance(LIMITS.dataKeyAgeMsMax);
    }
    return { ...home, sealed };
  };

  test('are opened once and remembered', async () => {
    const { seal, sealed, opened } = await sealedUnder(1);

    for (let time = 0; time < 3; time += 1) await seal.open(sealed[0]!, WEBHOOK);

    expect(opened).toEqual(['key-1']);
  });

  test('are remembered in a bounded number, the longest known forgotten first', async () => {
    const { seal, sealed, opened } = await sealedUnder(LIMITS.dataKeysCachedMax + 1);
    for (const each of sealed) await seal.open(each, WEBHOOK);
    const before = opened.length;

    await seal.open(sealed.at(-1)!, WEBHOOK);
    expect(opened).toHaveLength(before);
    await seal.open(sealed[0]!, WEBHOOK);
    expect(opened.slice(before)).toEqual(['key-1']);
  });

  test('are asked for again after they could not be had', async () => {
    let isBroken = true;
    const keys = createKeys();
    const { seal } = open(
      {
        generate: keys.source.generate,
        open: async (keyId) => {
          if (isBroken) throw new PayhookError('data_key_unavailable', 'KMS is down');
          return keys.source.open(keyId);
        },
      },
      createEncryptPayload(createTestRandomness()),
    );
    const sealed = await seal.seal(PAYLOAD, WEBHOOK);

    await expect(seal.open(sealed, WEBHOOK)).rejects.toMatchObject({ code: 'data_key_unavailable' });
    isBroken = false;
    expect(Buffer.from(await seal.open(sealed, WEBHOOK)).equals(PAYLOAD)).toBe(true);
  });
});
