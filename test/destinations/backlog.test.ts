import { describe, expect, test } from 'vitest';
import { createScriptedDestination, DELIVERED, failedWith } from './scripted-destination.ts';
import { createSending, until } from './sending.ts';

const MINUTE_MS = 60_000;

describe('a destination that comes back', () => {
  test('gets few attempts while it is down, and then its backlog in order of age with rising concurrency', async () => {
    await using sending = createSending({ concurrencyMax: 8 });
    const ledger = createScriptedDestination('ledger', () => failedWith('answered_5xx'));
    const ids = await sending.fill('ledger', 1000);
    const { loop, circuit } = sending.start(ledger);
    await until(() => circuit.state() === 'open');
    expect(ledger.sent).toHaveLength(5);

    // Ten minutes of outage, a second at a time.
    for (let second = 0; second < 600; second += 1) {
      sending.clock.advance(1000);
      loop.wake();
      const attempts = ledger.sent.length;
      if (circuit.state() === 'half_open')
        await until(() => ledger.sent.length > attempts && circuit.state() === 'open');
    }
    expect(ledger.sent.length).toBeLessThan(30);
    expect(ledger.delivered).toEqual([]);

    ledger.underwayAt.length = 0;
    ledger.answer = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return DELIVERED;
    };
    sending.clock.advance(MINUTE_MS);
    loop.wake();
    await until(async () => (await sending.waiting('ledger')) === 0);

    expect(ledger.delivered).toHaveLength(1000);
    // The probe may have been any entry that was due; everything after it goes by age.
    const [probe, ...others] = ledger.delivered;
    expect(others).toEqual(ids.filter((id) => id !== probe));
    expect(ledger.underwayAt.slice(0, 2)).toEqual([1, 1]);
    expect(Math.max(...ledger.underwayAt.slice(0, 4))).toBeLessThanOrEqual(2);
    expect(Math.max(...ledger.underwayAt)).toBe(8);
    expect(circuit.state()).toBe('closed');
  });

  test('one that hangs is taken for down as well', async () => {
    await using sending = createSending();
    const ledger = createScriptedDestination('ledger', () => failedWith('timed_out'));
    await sending.fill('ledger', 50);

    const { circuit } = sending.start(ledger);
    await until(() => circuit.state() === 'open');

    expect(ledger.sent).toHaveLength(5);
    await until(async () => (await sending.queue.claim('ledger', 100, 0)).length === 45);
  });

  test('the wait that it asks for is kept', async () => {
    await using sending = createSending();
    const ledger = createScriptedDestination('ledger', () => failedWith('answered_429', { retryAfterMs: MINUTE_MS }));
    await sending.fill('ledger', 50);
    const { loop, circuit } = sending.start(ledger);
    await until(() => circuit.state() === 'open');
    ledger.answer = () => DELIVERED;

    sending.clock.advance(MINUTE_MS - 1);
    loop.wake();
    expect(circuit.state()).toBe('open');
    sending.clock.advance(1);
    loop.wake();
    await until(async () => (await sending.waiting('ledger')) === 0);

    expect(ledger.sent).toHaveLength(51);
  });

  test('a backlog of 20,000 entries is never held in memory: at most 256 are claimed at a time', async () => {
    const claimed = { now: 0, most: 0 };
    await using sending = createSending({
      concurrencyMax: 100,
      // The memory queue sorts all of it for each claim: a line of its own is as good and quicker.
      queue: (queue) => ({
        ...queue,
        claim: async (destination, limit) => {
          const count = Math.min(limit, 20_000 - index);
          claimed.now += count;
          claimed.most = Math.max(claimed.most, claimed.now);
          return Array.from({ length: count }, () => {
            index += 1;
            const [eventId, receipt] = [`stripe:evt_${index}`, String(index)];
            const entry = { webhookId: eventId, timestamp: 0, destination, eventId, provider: 'stripe', traceId: '' };
            return { entry: { ...entry, isNews: true }, receipt, enqueuedAt: sending.clock.now(), failures: 0 };
          });
        },
        settle: async (settlements) => {
          claimed.now -= settlements.length;
        },
      }),
    });
    let index = 0;
    const ledger = createScriptedDestination('ledger');

    sending.start(ledger);
    await until(() => ledger.delivered.length === 20_000);

    expect(claimed.most).toBeGreaterThan(100);
    expect(claimed.most).toBeLessThanOrEqual(256 + 256 + 100);
  });
});
