import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createHandlerCircuits } from './handler-circuits.ts';

const open = (fraction = 1) => {
  const clock = createTestClock();
  return { clock, circuits: createHandlerCircuits({ clock, randomness: { fraction: () => fraction } }) };
};

const fail = (circuits: ReturnType<typeof open>['circuits'], times: number): void => {
  for (let time = 0; time < times; time += 1) {
    expect(circuits.begin('ship')).toBeNull();
    circuits.ended('ship', 'failed');
  }
};

describe('the circuit of a handler', () => {
  test('opens after five failures in a row, for that handler and no other', () => {
    const { circuits } = open();
    fail(circuits, 5);

    expect(circuits.begin('ship')).toBe(1000);
    expect(circuits.begin('book')).toBeNull();
  });

  test('lets any number of calls through while it is closed, and one after the other once it probes', () => {
    const { circuits, clock } = open();
    for (let calls = 0; calls < 100; calls += 1) expect(circuits.begin('ship')).toBeNull();
    for (let calls = 0; calls < 100; calls += 1) circuits.ended('ship', 'failed');
    clock.advance(1000);

    expect(circuits.begin('ship')).toBeNull();
    expect(circuits.begin('ship')).toBeGreaterThan(0);
    circuits.ended('ship', 'answered');

    expect(circuits.begin('ship')).toBeNull();
    expect(circuits.begin('ship')).toBeNull();
  });

  test('rests twice as long after each probe that fails, up to a minute', () => {
    const { circuits, clock } = open();
    fail(circuits, 5);

    const rests: (number | null)[] = [];
    for (let probes = 0; probes < 8; probes += 1) {
      const restMs = circuits.begin('ship');
      rests.push(restMs);
      clock.advance(restMs ?? 0);
      fail(circuits, 1);
    }

    expect(rests).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('rests for whole milliseconds, because the instant after it is stored', () => {
    const { circuits } = open(0.123456);
    fail(circuits, 5);

    expect(circuits.begin('ship')).toBe(562);
  });

  test('can be looked at: how it is, and what became of the calls since the start', () => {
    const { circuits, clock } = open();
    expect(circuits.states()).toEqual([]);
    circuits.begin('book');
    circuits.begin('book');
    circuits.ended('book', 'answered');
    fail(circuits, 5);
    const failedAt = clock.now();

    expect(circuits.states()).toEqual([
      {
        name: 'book',
        circuit: 'closed',
        nextProbeAt: null,
        underway: 1,
        answered: 1,
        failed: 0,
        lastFailedAt: null,
      },
      {
        name: 'ship',
        circuit: 'open',
        nextProbeAt: failedAt + 1000,
        underway: 0,
        answered: 0,
        failed: 5,
        lastFailedAt: failedAt,
      },
    ]);
    clock.advance(1000);
    circuits.begin('ship');
    circuits.ended('ship', 'cut_off');
    expect(circuits.states()[1]).toMatchObject({ circuit: 'half_open', nextProbeAt: null, underway: 0, failed: 5 });
  });

  test('learns nothing from a call that was cut off, and lets the next one probe', () => {
    const { circuits, clock } = open();
    fail(circuits, 5);
    clock.advance(1000);
    circuits.begin('ship');
    circuits.ended('ship', 'cut_off');

    expect(circuits.begin('ship')).toBeNull();
  });
});
