import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { createAlertThinning, logAlert } from './alert-thinning.ts';
import type { AlertKind } from './ports/alerts.ts';
import { MINUTE_MS } from './time.ts';

const alertOf = (kind: AlertKind, summary = 'something is wrong') => ({ kind, summary });

describe('telling a person', () => {
  test('is due for each of what is raised once, such as the endpoints of two providers, and once for each', () => {
    const isDue = createAlertThinning(createTestClock());
    const [stripe, paypal] = ['stripe', 'paypal'].map((name) => alertOf('endpoint_deaf', `${name} sends nothing`));

    expect([stripe, paypal, stripe].map((alert) => isDue(alert!))).toEqual([true, true, false]);
  });

  test('is not due for any number of them in a minute', () => {
    const isDue = createAlertThinning(createTestClock());
    const told = Array.from({ length: 1000 }, (_, index) => isDue(alertOf('endpoint_deaf', `list ${index}`)));

    expect(told.filter(Boolean).length).toBeLessThanOrEqual(51);
  });

  test('is due for the first of a kind, and not again for a minute', () => {
    const clock = createTestClock();
    const isDue = createAlertThinning(clock);

    const told = [isDue(alertOf('dead_letter')), isDue(alertOf('dead_letter'))];
    clock.advance(MINUTE_MS - 1);
    told.push(isDue(alertOf('dead_letter')));
    clock.advance(1);
    told.push(isDue(alertOf('dead_letter')));

    expect(told).toEqual([true, false, false, true]);
  });

  test('is due for each kind by itself', () => {
    const isDue = createAlertThinning(createTestClock());
    isDue(alertOf('dead_letter'));

    expect([isDue(alertOf('card_data_found')), isDue(alertOf('dead_letter'))]).toEqual([true, false]);
  });

  test('counts its minute from what was told, not from what was left out', () => {
    const clock = createTestClock();
    const isDue = createAlertThinning(clock);
    isDue(alertOf('dead_letter'));
    clock.advance(MINUTE_MS / 2);
    isDue(alertOf('dead_letter'));
    clock.advance(MINUTE_MS / 2);

    expect(isDue(alertOf('dead_letter'))).toBe(true);
  });

  test('is due at once when the clock was set back: alerts must not be silent until it has caught up', () => {
    const clock = createTestClock();
    const isDue = createAlertThinning(clock);
    isDue(alertOf('dead_letter'));
    clock.advance(-1);

    expect(isDue(alertOf('dead_letter'))).toBe(true);
  });

  test('is a matter of each sender: two thin by themselves', () => {
    const clock = createTestClock();
    const [first, second] = [createAlertThinning(clock), createAlertThinning(clock)];

    expect([first(alertOf('dead_letter')), second(alertOf('dead_letter'))]).toEqual([true, true]);
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
