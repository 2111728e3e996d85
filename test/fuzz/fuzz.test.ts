/** A short run of `npm run fuzz`, of another seed each day, and a check that the fuzz would see what it looks for. */
import { describe, expect, test } from 'vitest';
import type { Provider } from '../../src/core/ports/provider.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { createCorpus } from './corpus.ts';
import { drawOf } from './draw.ts';
import { fuzz, MILLISECONDS_MAX } from './fuzz.ts';
import { drawCase } from './mutate.ts';

const CASES = 4000;

describe('changed deliveries of every provider', () => {
  test('are taken only with what was signed, throw nothing, and cost less than 50 ms', async () => {
    const seed = Math.floor(Date.now() / DAY_MS);

    const tally = await fuzz({ seed, from: 0, count: CASES });

    expect(tally.findings, `seed ${seed}`).toEqual([]);
    expect(tally.cases).toBe(CASES);
    for (const { name } of PROVIDERS) expect(tally.byProvider.get(name)?.cases).toBeGreaterThan(100);
    expect(tally.taken).toBeGreaterThan(0);
  });

  const verified = { outcome: 'verified', secretId: 's', isSimulated: false, transmission: { id: 't' } } as const;
  /** Of the processor's time, as it is measured: on a busy machine others have part of what passes. */
  const burn = (milliseconds: number): void => {
    const startedAt = process.cpuUsage();
    let burnt = 0;
    while (burnt < milliseconds) {
      const { user, system } = process.cpuUsage(startedAt);
      burnt = (user + system) / 1000;
    }
  };

  test.each<[string, Partial<Provider>]>([
    ['forged', { verify: () => verified }],
    [
      'threw',
      {
        verify: () => {
          throw new Error('of a verifier');
        },
      },
    ],
    [
      'slow',
      {
        verify: () => {
          burn(2 * MILLISECONDS_MAX);
          return { outcome: 'rejected', reason: 'signature_mismatch' };
        },
      },
    ],
  ])('are found with a verifier that is broken: %s', async (what, broken) => {
    const tally = await fuzz({ seed: 1, from: 0, count: 5, tested: (provider) => ({ ...provider, ...broken }) });

    expect(tally.findings.map((finding) => finding.what)).toContain(what);
  });

  test('are drawn the same again by seed and number', async () => {
    const { signed } = await createCorpus();
    const draw = () => drawCase(signed, drawOf(7, 1234));

    expect(draw()).toEqual(draw());
    expect(drawCase(signed, drawOf(7, 1235))).not.toEqual(draw());
  });
});
