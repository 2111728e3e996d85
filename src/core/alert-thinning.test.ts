import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { createAlertThinning, logAlert } from './alert-thinning.ts';
import { MINUTE_MS } from './time.ts';

describe('telling a person', () => {
  test('is due for the first of a kind, and not again for a minute', () => {
    const clock = createTestClock();
    const isDue = createAlertThinning(clock);

    const told = [isDue('dead_letter'), isDue('dead_letter')];
    clock.advance(MINUTE_MS - 1);
    told.push(isDue('dead_letter'));
    clock.advance(1);
    told.push(isDue('dead_letter'));

    expect(told).toEqual([true, false, false, true]);
  });

  test('is due for each kind by itself', () => {
    const isDue = createAlertThinning(createTestClock());
    isDue('dead_letter');

    expect([isDue('card_data_found'), isDue('dead_letter')]).toEqual([true, false]);
  });

  test('counts its minute from what was told, not from what was left out', () => {
    const clock = createTestClock();
    const isDue = createAlertThinning(clock);
    isDue('dead_letter');
    clock.advance(MINUTE_MS / 2);
    isDue('dead_letter');
    clock.advance(MINUTE_MS / 2);

    expect(isDue('dead_letter')).toBe(true);
  });

  test('is due at once when the clock was set back: alerts must not be silent until it has caught up', () => {
    const clock = createTestClock();
    const isDue = createAlertThinning(clock);
    isDue('dead_letter');
    clock.advance(-1);

    expect(isDue('dead_letter')).toBe(true);
  });

  test('is a matter of each sender: two thin by themselves', () => {
    const clock = createTestClock();
    const [first, second] = [createAlertThinning(clock), createAlertThinning(clock)];

    expect([first('dead_letter'), second('dead_letter')]).toEqual([true, true]);
  });
});

describe('the line of an alert', () => {
  test('has its kind and its sentence, and whom it concerns where it concerns somebody', () => {
    const logger = createMemoryLogger();

    logAlert(logger, { kind: 'dead_letter', provider: 'stripe', webhookId: 'stripe:evt_1', summary: 'given up' });
    logAlert(logger, { kind: 'audit_broken', provider: null, webhookId: null, summary: 'an entry is missing' });

    expect(logger.lines).toEqual([
      {
        level: 'warn',
        event: 'alert.raised',
        fields: { kind: 'dead_letter', message: 'given up', provider: 'stripe', webhook_id: 'stripe:evt_1' },
      },
      { level: 'warn', event: 'alert.raised', fields: { kind: 'audit_broken', message: 'an entry is missing' } },
    ]);
  });
});
