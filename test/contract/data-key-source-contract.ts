/** What every data key source keeps: the sentences of the port, as tests. */
import { describe, expect } from 'vitest';
import type { DataKeySource } from '../../src/core/ports/data-key-source.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

export interface DataKeyHarness extends AsyncDisposable {
  readonly dataKeys: DataKeySource;
  /** The same home in another process. Left out where keys live and die with the process. */
  readonly reopen?: () => Promise<DataKeySource>;
}

const defineTests = (test: ContractTest, open: () => Promise<DataKeyHarness>): void => {
  test('makes keys of 32 bytes with an id of at most 512 characters', async () => {
    await using harness = await open();

    const { keyId, key } = await harness.dataKeys.generate();

    expect(key).toHaveLength(32);
    expect(keyId.length).toBeGreaterThan(0);
    expect(keyId.length).toBeLessThanOrEqual(512);
  });

  test('makes another key each time, also when calls race', async () => {
    await using harness = await open();

    const made = await Promise.all(Array.from({ length: 20 }, () => harness.dataKeys.generate()));

    expect(new Set(made.map(({ keyId }) => keyId)).size).toBe(20);
    expect(new Set(made.map(({ key }) => Buffer.from(key).toString('hex'))).size).toBe(20);
  });

  test('opens each key under its own id', async () => {
    await using harness = await open();
    const made = [await harness.dataKeys.generate(), await harness.dataKeys.generate()];

    for (const { keyId, key } of made) {
      const opened = await harness.dataKeys.open(keyId);
      expect(opened.keyId).toBe(keyId);
      expect(Buffer.compare(opened.key, key)).toBe(0);
    }
  });

  test('opens a key unchanged after a caller wiped the copies that it had', async () => {
    await using harness = await open();
    const { keyId, key } = await harness.dataKeys.generate();
    const hex = Buffer.from(key).toString('hex');

    key.fill(0);
    (await harness.dataKeys.open(keyId)).key.fill(0);

    expect(Buffer.from((await harness.dataKeys.open(keyId)).key).toString('hex')).toBe(hex);
  });

  test('says data_key_unknown for an id that it never made', async () => {
    await using harness = await open();
    await harness.dataKeys.generate();

    await expect(harness.dataKeys.open('key-that-nobody-made')).rejects.toMatchObject({
      code: 'data_key_unknown',
      isRetryable: false,
    });
  });

  test('opens a key in another process of the home', async () => {
    await using harness = await open();
    const { keyId, key } = await harness.dataKeys.generate();

    const other = await harness.reopen?.();

    expect(Buffer.compare((await other?.open(keyId))?.key ?? new Uint8Array(), key)).toBe(0);
  });
};

/** Runs the suite against sources that `open` makes, each fresh and empty. */
export const describeDataKeySource = (
  name: string,
  open: () => Promise<DataKeyHarness>,
  options: ContractOptions = {},
): void => {
  describe(`DataKeySource: ${name}`, () => {
    defineContract(options, (test) => defineTests(test, open));
  });
};
