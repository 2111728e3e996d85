import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { insertionOf } from '../../test/support/insertion.ts';
import { createMemoryAlerts, createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { createMemorySilenceRecords } from '../adapters/memory/memory-silence-records.ts';
import { PayhookError } from '../core/errors.ts';
import type { SilenceRecords } from '../core/ports/silence-records.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/time.ts';
import type { Webhook } from '../core/webhook.ts';
import { createSilenceWatch, describeSilences, noteInserts } from './watch-silence.ts';

const open = (records: SilenceRecords = createMemorySilenceRecords()) => {
  const clock = createTestClock();
  const [alerts, logger] = [createMemoryAlerts(), createMemoryLogger()];
  const watch = createSilenceWatch({ records, clock, alerts, logger });
  const note = (over: Partial<Webhook> = {}) =>
    watch.note({ ...insertionOf({ mode: 'live', receivedAt: clock.now(), ...over }).webhook });
  /** As a server does: one an hour, and a look each minute. */
  const run = async (forMs: number, everyMs: number | null = HOUR_MS, over: Partial<Webhook> = {}) => {
    for (let ms = 0; ms < forMs; ms += MINUTE_MS) {
      if (everyMs !== null && ms % everyMs === 0) note(over);
      await watch.look();
      clock.advance(MINUTE_MS);
    }
  };
  const heard = async () => JSON.parse((await records.get())?.text ?? '{"heard":[]}').heard;
  return { clock, alerts, logger, records, watch, note, run, heard };
};

describe('watching for silence', () => {
  test('raises one alert for all who are silent, once, and says so as long as it lasts', async () => {
    const { run, note, alerts, records } = open();
    for (let day = 0; day < 8; day += 1) {
      note({ provider: 'adyen', eventType: 'CAPTURE' });
      await run(DAY_MS);
    }
    for (let n = 0; n < 20; n += 1) note({ provider: 'adyen', eventType: 'CAPTURE' });
    await run(3 * HOUR_MS, null);

    expect(alerts.raised).toEqual([
      {
        kind: 'provider_silent',
        provider: 'stripe',
        webhookId: null,
        summary: 'stripe is silent: nothing for 2 h (before: 1 h at most)',
      },
    ]);
    expect(await describeSilences(records)).toEqual([expect.stringContaining('stripe is silent: nothing for')]);
    await run(HOUR_MS);
    expect(await describeSilences(records)).toEqual([]);
    await run(4 * DAY_MS, null);

    expect(alerts.raised.slice(1)).toMatchObject([{ provider: 'stripe' }, { provider: 'adyen' }]);
  });

  test('hears nothing in tests, in what was made up, and in what no delivery brought', async () => {
    const { note, watch, heard } = open();
    note({ mode: 'test' });
    note({ isSimulated: true });
    note({ synthetic: 'passed_on' });
    note({ origin: 'reconciliation' });
    await watch.end();

    expect(await heard()).toEqual([]);
  });

  test('writes what it has not heard for a while at once, and the rest every five minutes', async () => {
    const { note, watch, records, clock } = open();
    const revisions = async () => (await records.get())?.revision ?? 0;
    note();
    await watch.keep();
    expect(await revisions()).toBe(1);
    note();
    await watch.keep();
    expect(await revisions()).toBe(1);
    note({ eventType: 'another.type' });
    await watch.keep();
    expect(await revisions()).toBe(2);
    clock.advance(5 * MINUTE_MS);
    await watch.keep();
    expect(await revisions()).toBe(2);
    note();
    await watch.keep();
    note();
    await watch.end();

    expect(await revisions()).toBe(4);
    await watch.end();
    await watch.keep();
    expect(await revisions()).toBe(4);
  });

  test('adds to what others wrote meanwhile', async () => {
    const records = createMemorySilenceRecords();
    const [one, other] = [open(records), open(records)];
    one.note();
    other.note({ provider: 'square' });
    await Promise.all([one.watch.keep(), other.watch.keep()]);

    expect((await one.heard()).map(({ provider }: { provider: string }) => provider).sort()).toEqual([
      'square',
      'square',
      'stripe',
      'stripe',
    ]);
  });

  test('keeps what it could not write, and goes on', async () => {
    const kept = createMemorySilenceRecords();
    let isBroken = true;
    const { note, watch, heard, logger } = open({
      get: kept.get,
      put: async (text, revision) => {
        if (isBroken) throw new PayhookError('store_unavailable', 'the disk is away');
        return kept.put(text, revision);
      },
    });
    note();
    await watch.keep();
    note();
    await watch.look();
    expect(logger.lines).toMatchObject([
      { event: 'silence.not_watched', fields: { code: 'store_unavailable' } },
      { event: 'silence.not_watched' },
    ]);
    isBroken = false;
    await watch.look();

    expect(await heard()).toMatchObject([{ count: 2 }, { count: 2 }]);
  });

  test('gives up for now where others write all the time, and begins anew where nothing can be read', async () => {
    const busy = open({ get: async () => undefined, put: async () => false });
    busy.note();
    await busy.watch.keep();
    expect(busy.logger.lines).toMatchObject([{ fields: { code: 'store_busy' } }]);

    for (const text of ['{', '{"v":2,"heard":[]}', '{"v":1}']) {
      const records = createMemorySilenceRecords();
      await records.put(text, 0);
      expect(await describeSilences(records)).toEqual([]);
      const anew = open(records);
      anew.note();
      await anew.watch.keep();
      expect(await anew.heard()).toHaveLength(2);
    }
    expect(await describeSilences(createMemorySilenceRecords())).toEqual([]);
  });

  test('holds a bounded number of types in memory', async () => {
    const { note, watch, heard } = open();
    for (let n = 0; n < 2000; n += 1) note({ eventType: `type.${n}` });
    await watch.keep();
    for (let n = 2000; n < 2100; n += 1) note({ eventType: `type.${n}` });
    await watch.keep();

    expect(await heard()).toHaveLength(500);
  });

  test('notes webhooks that are new where they are stored, and no others', async () => {
    const { webhook } = insertionOf({ mode: 'live' });
    const noted: string[] = [];
    const silence = { note: ({ eventType }: { eventType: string }) => void noted.push(eventType) };
    for (const outcome of ['inserted', 'duplicate'] as const) {
      await noteInserts(async () => ({ outcome }) as never, silence)(insertionOf({ mode: 'live' }));
    }

    expect(noted).toEqual([webhook.eventType]);
  });
});
