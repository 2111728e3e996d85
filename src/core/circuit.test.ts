import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { runs } from '../../test/support/property-runs.ts';
import { createTestRandomness } from '../../test/support/randomness.ts';
import { type Circuit, createCircuit } from './circuit.ts';
import { HOUR_MS, SECOND_MS } from './time.ts';

const createSetting = ({ concurrencyMax = 8, requestsPerSecondMax = null as number | null, seed = 'test' } = {}) => {
  const clock = createTestClock();
  const circuit = createCircuit({
    concurrencyMax,
    requestsPerSecondMax,
    clock,
    randomness: createTestRandomness(seed),
  });
  return { clock, circuit };
};

const attempt = (circuit: Circuit, end: 'answered' | 'failed' | 'abandoned', retryAfterMs: number | null = null) => {
  circuit.started();
  return end === 'failed' ? circuit.failed(retryAfterMs) : circuit[end]();
};

const openIt = (circuit: Circuit): void => {
  for (let failure = 0; failure < 5; failure += 1) attempt(circuit, 'failed');
};

describe('circuit', () => {
  test('opens after five failures in a row, and an answer in between starts the count again', () => {
    const { circuit } = createSetting();
    for (let failure = 0; failure < 4; failure += 1) attempt(circuit, 'failed');
    attempt(circuit, 'answered');
    for (let failure = 0; failure < 4; failure += 1) attempt(circuit, 'failed');
    expect(circuit.state()).toBe('closed');

    attempt(circuit, 'failed');

    expect(circuit.state()).toBe('open');
    expect(circuit.permit(0).count).toBe(0);
  });

  test('one probe after a wait that doubles up to a minute, at least half of it', () => {
    const { circuit, clock } = createSetting();
    openIt(circuit);
    const waits: number[] = [];
    for (let probe = 0; probe < 10; probe += 1) {
      const waitMs = circuit.permit(0).waitMs ?? Number.NaN;
      waits.push(waitMs);
      clock.advance(waitMs);
      expect(circuit.permit(0)).toEqual({ count: 1, waitMs: null });
      circuit.started();
      expect(circuit.permit(1).count).toBe(0);
      circuit.failed(null);
    }

    for (const [index, waitMs] of waits.entries()) {
      const ceilingMs = Math.min(60, 2 ** index) * SECOND_MS;
      expect(waitMs).toBeGreaterThanOrEqual(ceilingMs / 2);
      expect(waitMs).toBeLessThanOrEqual(ceilingMs);
    }
  });

  test('a probe that is answered closes it, and the concurrency starts at one and doubles with each round', () => {
    const { circuit, clock } = createSetting({ concurrencyMax: 6 });
    openIt(circuit);
    clock.advance(SECOND_MS);

    expect(attempt(circuit, 'answered')).toBe(true);

    const allowed: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const { count } = circuit.permit(0);
      allowed.push(count);
      for (let request = 0; request < count; request += 1) expect(attempt(circuit, 'answered')).toBe(false);
    }
    expect(allowed).toEqual([1, 2, 4, 6]);
    attempt(circuit, 'failed');
    expect(circuit.permit(0).count).toBe(3);
  });

  test('a wait that the destination asks for opens it at once, up to an hour', () => {
    const { circuit, clock } = createSetting();
    attempt(circuit, 'failed', 90 * SECOND_MS);
    expect(circuit.permit(0).waitMs).toBe(90 * SECOND_MS);
    clock.advance(90 * SECOND_MS);

    attempt(circuit, 'failed', 10 * HOUR_MS);

    expect(circuit.permit(0).waitMs).toBe(HOUR_MS);
  });

  test('however much was permitted before, one that is back starts with one request', () => {
    const { circuit, clock } = createSetting({ concurrencyMax: 100 });
    for (let request = 0; request < 200; request += 1) attempt(circuit, 'answered');
    expect(circuit.permit(0).count).toBe(100);
    attempt(circuit, 'failed', SECOND_MS);
    clock.advance(SECOND_MS);

    attempt(circuit, 'answered');

    expect(circuit.permit(0).count).toBe(1);
  });

  test('requests from before it opened neither close it nor count as its probe', () => {
    const { circuit, clock } = createSetting();
    openIt(circuit);
    expect(circuit.answered()).toBe(false);
    expect(circuit.state()).toBe('open');
    clock.advance(SECOND_MS);

    expect(circuit.permit(1)).toEqual({ count: 0, waitMs: null });
    circuit.failed(null);
    expect(circuit.permit(0).count).toBe(1);
  });

  test('a late answer can ask for a longer rest', () => {
    const { circuit } = createSetting();
    openIt(circuit);

    circuit.failed(30 * SECOND_MS);

    expect(circuit.permit(0).waitMs).toBe(30 * SECOND_MS);
  });

  test('a clock that is set back makes no wait longer', () => {
    const { circuit, clock } = createSetting();
    attempt(circuit, 'failed', 30 * SECOND_MS);

    clock.advance(-24 * HOUR_MS);

    expect(circuit.permit(0)).toEqual({ count: 0, waitMs: 30 * SECOND_MS });
    clock.advance(30 * SECOND_MS);
    expect([circuit.state(), circuit.permit(0).count]).toEqual(['half_open', 1]);
  });

  test('a probe that was never sent says nothing: the next one may go', () => {
    const { circuit, clock } = createSetting();
    openIt(circuit);
    clock.advance(SECOND_MS);

    attempt(circuit, 'abandoned');

    expect(circuit.state()).toBe('half_open');
    expect(circuit.permit(0).count).toBe(1);
  });

  test('a rate says when the next request may go', () => {
    const { circuit, clock } = createSetting({ requestsPerSecondMax: 2 });
    attempt(circuit, 'answered');
    attempt(circuit, 'answered');

    expect(circuit.permit(0)).toEqual({ count: 0, waitMs: 500 });
    clock.advance(500);
    expect(circuit.permit(0).count).toBe(1);
  });
});

type Step =
  | { readonly do: 'start' }
  | { readonly do: 'end'; readonly how: 'answered' | 'failed' | 'abandoned'; readonly retryAfterMs: number | null }
  | { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'start' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      how: fc.constantFrom('answered', 'answered', 'failed', 'failed', 'abandoned'),
      retryAfterMs: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, fc.integer({ min: 0, max: 100_000_000 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 5000 }) }) },
);

describe('circuit, whatever happens', () => {
  test('never more than concurrencyMax, nothing while open, one probe alone, and always a probe in bounded time', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1, max: 20 }),
        fc.string({ maxLength: 4 }),
        (steps, concurrencyMax, seed) => {
          const { clock, circuit } = createSetting({ concurrencyMax, seed });
          let underway = 0;
          const start = (): void => {
            const state = circuit.state();
            const { count } = circuit.permit(underway);
            expect(count > 0 && state === 'open').toBe(false);
            expect(state === 'half_open' && count !== (underway === 0 ? 1 : 0)).toBe(false);
            expect(underway + count).toBeLessThanOrEqual(Math.max(underway, concurrencyMax));
            if (count === 0) return;
            circuit.started();
            underway += 1;
          };
          const end = ({ how, retryAfterMs }: Step & { do: 'end' }): void => {
            if (underway === 0) return;
            underway -= 1;
            if (how === 'failed') circuit.failed(retryAfterMs);
            else circuit[how]();
          };
          for (const one of steps) {
            if (one.do === 'wait') clock.advance(one.ms);
            else if (one.do === 'start') start();
            else end(one);
          }
          for (; underway > 0; underway -= 1) circuit.abandoned();
          clock.advance(HOUR_MS);
          expect(circuit.permit(0).count).toBeGreaterThanOrEqual(1);
        },
      ),
      runs(500),
    );
  });

  test('the rate is kept in every window, with at most one second of it at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 150 }),
        (requestsPerSecondMax, waits) => {
          const { clock, circuit } = createSetting({ concurrencyMax: 1000, requestsPerSecondMax });
          const starts: number[] = [];
          for (const waitMs of waits) {
            clock.advance(waitMs);
            for (let { count } = circuit.permit(0); count > 0; count = circuit.permit(0).count) {
              attempt(circuit, 'answered');
              starts.push(clock.now());
            }
          }
          for (const [first, from] of starts.entries()) {
            for (const [last, to] of starts.entries()) {
              if (last < first) continue;
              const allowed = requestsPerSecondMax * (1 + (to - from) / SECOND_MS);
              expect(last - first + 1).toBeLessThanOrEqual(allowed + 1e-6);
            }
          }
        },
      ),
      runs(50),
    );
  });
});
