/** What every digest anchor keeps: the sentences of the port, as tests. */
import { describe, expect } from 'vitest';
import type { DigestAnchor } from '../../src/audit/digest-anchor.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

const hashOf = (letter: string): string => letter.repeat(64);

const defineTests = (test: ContractTest, open: () => Promise<DigestAnchor>): void => {
  test('says undefined when nothing was ever anchored', async () => {
    expect(await (await open()).read()).toBeUndefined();
  });

  test('returns the digest that was anchored last', async () => {
    const anchor = await open();

    await anchor.write({ number: 1, hash: hashOf('a') });
    await anchor.write({ number: 2, hash: hashOf('b') });

    expect(await anchor.read()).toEqual({ number: 2, hash: hashOf('b') });
  });

  test('refuses nothing: the same number again and a smaller one are anchored too', async () => {
    const anchor = await open();
    for (const digest of [
      { number: 7, hash: hashOf('a') },
      { number: 7, hash: hashOf('b') },
      { number: 3, hash: hashOf('c') },
    ]) {
      await anchor.write(digest);

      expect(await anchor.read()).toEqual(digest);
    }
  });

  test('keeps number and hash only', async () => {
    const anchor = await open();

    await anchor.write({ number: 1, hash: hashOf('a'), signature: 'extra' } as { number: number; hash: string });

    expect(await anchor.read()).toEqual({ number: 1, hash: hashOf('a') });
  });
};

/** Runs the suite against anchors that `open` makes, each fresh and empty. */
export const describeDigestAnchor = (
  name: string,
  open: () => Promise<DigestAnchor>,
  options: ContractOptions = {},
): void => {
  describe(`DigestAnchor: ${name}`, () => {
    defineContract(options, (test) => defineTests(test, open));
  });
};
