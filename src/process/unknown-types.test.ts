import { expect, test } from 'vitest';
import { LIMITS } from '../core/limits.ts';
import type { Alert } from '../core/ports/alerts.ts';
import type { Webhook } from '../core/webhook.ts';
import { createUnknownTypes } from './unknown-types.ts';

const open = () => {
  const alerts: Alert[] = [];
  const counted: string[] = [];
  const note = createUnknownTypes({
    alerts: { raise: (alert) => void alerts.push(alert) },
    metrics: { unknownType: (provider) => void counted.push(provider) },
  });
  const noteOf = (eventType: string, provider = 'stripe') =>
    note({ provider, eventType, webhookId: `${provider}:evt_1` } as Webhook);
  return { alerts, counted, noteOf };
};

test('a type that nobody had heard of is counted each time, and alarmed once for each provider', () => {
  const { alerts, counted, noteOf } = open();

  noteOf('invoice.teleported');
  noteOf('invoice.teleported');
  noteOf('invoice.teleported', 'square');

  expect(counted).toEqual(['stripe', 'stripe', 'square']);
  expect(alerts.map(({ kind, provider }) => [kind, provider])).toEqual([
    ['unknown_event_type', 'stripe'],
    ['unknown_event_type', 'square'],
  ]);
  expect(alerts[0]?.summary).toContain('stripe sent invoice.teleported');
});

test('a flood of new types is counted, and alarmed for the first of them only', () => {
  const { alerts, counted, noteOf } = open();

  for (let index = 0; index < LIMITS.unknownTypesMax + 50; index += 1) noteOf(`type.${index}`);

  expect(alerts).toHaveLength(LIMITS.unknownTypesMax);
  expect(counted).toHaveLength(LIMITS.unknownTypesMax + 50);
});
