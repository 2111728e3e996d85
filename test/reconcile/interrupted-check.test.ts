/** A check of what a provider holds that is interrupted: the next that asks the same goes on with it, and loses nothing of it. */
import { describe, expect, test } from 'vitest';
import { PayhookError } from '../../src/core/errors.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import type { ListReport } from '../../src/reconcile/objects/object-report.ts';
import { HOMES, type OpenLocalHome } from '../contract/homes.ts';
import { NOW } from '../support/clock.ts';
import { intent, openObjectsHome, seconds } from './objects-home.ts';

const SINCE = NOW - 90 * DAY_MS;

/** A payment a day that nothing was told of, and every tenth paid here and not there. */
const openWith = async (open: OpenLocalHome) => {
  const home = await openObjectsHome(open, 'stripe');
  for (let day = 1; day < 90; day += 1) {
    const at = NOW - day * DAY_MS + HOUR_MS;
    home.hold('payment_intents', intent(`pi_${day}`, { created: seconds(at) }), at);
    if (day % 10 === 0) await home.tell('payment_intent.succeeded', intent(`pi_forged_${day}`), at);
  }
  const requests = async (work: () => Promise<unknown>): Promise<number> => {
    const before = home.apis.stripe.requests();
    await work();
    return home.apis.stripe.requests() - before;
  };
  return { ...home, requests, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
};

/** As if the process were killed before the page counts. */
const killAtPage = (pages: number) => {
  let told = 0;
  return {
    onPage: (_report: ListReport): void => {
      told += 1;
      if (told === pages) throw new Error('killed');
    },
  };
};

const namesOf = (reports: readonly ListReport[]) => reports.flatMap((one) => one.differences.map((d) => d.objectId));

for (const { name, open } of HOMES) {
  describe(`a check that is interrupted, ${name}`, () => {
    test('is gone on with where it was, and finds what one that was not has found', async () => {
      await using home = await openWith(open);
      let whole: readonly ListReport[] = [];
      const asked = await home.requests(async () => {
        whole = await home.check(SINCE, { isAnew: true });
      });
      expect(namesOf(whole)).toHaveLength(89 + 8);
      // Of the fifth slice of the payments.
      await expect(home.check(SINCE, killAtPage(9))).rejects.toThrow('killed');
      home.clock.advance(MINUTE_MS);
      const resumed: number[] = [];
      let rest: readonly ListReport[] = [];

      const askedAgain = await home.requests(async () => {
        rest = await home.check(SINCE + MINUTE_MS, { onResumed: (at) => resumed.push(at) });
      });

      expect(resumed).toEqual([NOW]);
      expect(askedAgain).toBeLessThan(asked - 6);
      const counted = ({ list, listed, differing, money, end, span }: ListReport) => [
        [list, listed, differing, money, end],
        span.since,
      ];
      expect(rest.map(counted)).toEqual(whole.map(counted));
      expect(namesOf(rest).sort()).toEqual(namesOf(whole).sort());
    });

    test('begins again when something else is asked, a day has gone by, or somebody says so', async () => {
      await using home = await openWith(open);
      const isResumed = async (since: number, isAnew = false): Promise<boolean> => {
        let resumed = false;
        const onResumed = (): void => {
          resumed = true;
        };
        await home.check(since, { isAnew, onResumed });
        return resumed;
      };
      const interrupt = (): Promise<void> =>
        expect(home.check(SINCE, { ...killAtPage(9), isAnew: true })).rejects.toThrow();

      await interrupt();
      expect(await isResumed(SINCE - DAY_MS)).toBe(false);
      await interrupt();
      expect(await isResumed(SINCE + DAY_MS)).toBe(false);
      await interrupt();
      expect(await isResumed(SINCE, true)).toBe(false);
      await interrupt();
      expect(await isResumed(SINCE)).toBe(true);
      // It came to its end.
      expect(await isResumed(SINCE)).toBe(false);
      await interrupt();
      home.clock.advance(DAY_MS);
      expect(await isResumed(SINCE)).toBe(false);
    });

    test('goes on with the list whose provider gave up on us, and asks for no other again', async () => {
      await using home = await openWith(open);
      home.apis.stripe.faults.push(...Array(12).fill('none'), ...Array(LIMITS.objectTriesMax).fill({ status: 500 }));
      const first = await home.check(SINCE);
      expect(first.map(({ list, end }) => [list, end.outcome])).toEqual([
        ['payment_intents', 'complete'],
        ['charges', 'complete'],
        ['refunds', 'unavailable'],
        ['disputes', 'complete'],
        ['payouts', 'complete'],
        ['paid here', 'complete'],
      ]);

      let second: readonly ListReport[] = [];
      const asked = await home.requests(async () => {
        second = await home.check(SINCE);
      });

      expect(second.every(({ end }) => end.outcome === 'complete')).toBe(true);
      expect(namesOf(second).sort()).toEqual(namesOf(first).sort());
      // The slices of one list.
      expect(asked).toBeLessThanOrEqual(6);
    });
  });
}

describe('what is kept of a check', () => {
  const [memory] = HOMES as [(typeof HOMES)[number]];

  test('has room: more differences than that are counted with their money, and not named again', async () => {
    await using home = await openObjectsHome(memory.open, 'stripe');
    const at = SINCE + DAY_MS;
    for (let index = 0; index < 3000; index += 1) {
      home.hold('payment_intents', intent(`pi_${index}`, { created: seconds(at) }), at);
    }
    await expect(home.check(SINCE, killAtPage(34))).rejects.toThrow('killed');

    const kept = await home.checkProgress.get('payments:stripe:test');
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(LIMITS.checkProgressBytesMax * 1.05);

    const [intents] = await home.check(SINCE);
    expect(intents).toMatchObject({
      listed: 3000,
      differing: 3000,
      money: [{ sum: { minor: 6_000_000n }, count: 3000 }],
    });
    expect(intents?.differences.length).toBeGreaterThan(700);
    expect(intents?.differences.length).toBeLessThan(3000);
  });

  test('is given up by the second of two at once, which goes through all of it all the same', async () => {
    await using home = await openWith(memory.open);
    const both = await Promise.all([home.check(SINCE), home.check(SINCE)]);

    expect(both.map((reports) => namesOf(reports).length)).toEqual([97, 97]);
  });

  test('may be nothing: whoever may not write where it is kept has a check all the same', async () => {
    const told: unknown[] = [];
    await using home = await openWith(memory.open);
    const refuse = async (): Promise<never> => {
      throw new PayhookError('store_unavailable', 'may not write');
    };

    const reports = await home.checkWith({
      checkProgress: { get: home.checkProgress.get, put: refuse },
      onNotKept: (error) => told.push(error),
    })(SINCE);

    expect(namesOf(reports)).toHaveLength(97);
    expect(told).toHaveLength(1);
  });
});
