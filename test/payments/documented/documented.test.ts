/** What the providers document is understood, whole and with all that may be missing missing. */
import { describe, expect, test } from 'vitest';
import { MAPPINGS } from '../../../src/providers/mappings.ts';
import { mapBody } from '../webhooks.ts';
import { DOCUMENTED_WEBHOOKS, type DocumentedWebhook } from './documented-webhooks.ts';

/** No object with a shape of its own: only the id of what was deleted; the test button. */
const WITHOUT_OBJECT = new Set(['invoice.deleted', 'webhooks.test_notification']);

/**
 * What an event cannot be told without. Each is promised by the provider's published schema or, where that promises
 * nothing, is the id or the amount without which there is nothing to tell.
 */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  stripe: [
    'id',
    'amount',
    'currency',
    'amount_capturable',
    'amount_received',
    'amount_refunded',
    // Of the customer's cash balance, which has no id of its own.
    'customer',
    'net_amount',
  ],
  paypal: [
    'id',
    'order_id',
    'amount',
    'dispute_id',
    'invoice',
    'invoice.id',
    'batch_header',
    'batch_header.payout_batch_id',
    'payout_item',
    'payout_item.amount',
    'payout_item_id',
  ],
  square: ['id', 'status', 'total_money', 'amount_money'],
  adyen: [
    'amount',
    'merchantAccountCode',
    'pspReference',
    'success',
    'originalReference',
    'id',
    'disputedAmount',
    'accountHolder',
    'accountHolder.id',
    'fileName',
    'storedPaymentMethodId',
  ],
};

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ODD = [undefined, null, 7, 'odd', ['odd']] as const;
const DEPTH_MAX = 4;

interface Changed {
  readonly path: readonly string[];
  readonly object: Json;
}

/** The object with one field of it absent, null or in an odd shape, for each field. */
const withOneOdd = (object: Json, depth = 1): readonly Changed[] =>
  Object.entries(object).flatMap(([key, value]) => {
    const inside = isObject(value) ? value : Array.isArray(value) && isObject(value[0]) ? value[0] : null;
    const nested = inside === null || depth === DEPTH_MAX ? [] : withOneOdd(inside, depth + 1);
    return [
      ...ODD.map((odd): Changed => ({ path: [key], object: { ...object, [key]: odd } })),
      ...nested.map((changed): Changed => {
        const within = isObject(value) ? changed.object : [changed.object, ...(value as readonly unknown[]).slice(1)];
        return { path: [key, ...changed.path], object: { ...object, [key]: within } };
      }),
    ];
  });

/** A needed object is needed with its amount and its currency. */
const isNeeded = (provider: string, path: readonly string[]): boolean =>
  (NEEDED[provider] ?? []).some((needed) => {
    const rest = path.join('.').replace(needed, '');
    return path.join('.').startsWith(needed) && /^(?:\.(?:amount|value|total|currency|currency_code))?$/.test(rest);
  });

const deadLetterOf = ({ provider, around }: DocumentedWebhook, object: object): string | null => {
  const mapped = mapBody(provider, around(object));
  return mapped.outcome === 'shape_unexpected' ? `${mapped.path}: ${mapped.problem}` : null;
};

describe('a documented body', () => {
  test('is there for each type that is mapped', () => {
    const documented = new Set(DOCUMENTED_WEBHOOKS.map(({ provider, type }) => `${provider} ${type}`));
    const mapped = MAPPINGS.flatMap(({ provider, rows }) =>
      rows
        .filter(({ providerType }) => !WITHOUT_OBJECT.has(providerType))
        .map((row) => `${provider} ${row.providerType}`),
    );

    expect(mapped.filter((type) => !documented.has(type))).toEqual([]);
  });

  test('is understood', () => {
    const problems = DOCUMENTED_WEBHOOKS.map((webhook) => {
      const mapped = mapBody(webhook.provider, webhook.around(webhook.object));
      const isUnknown = mapped.outcome === 'ignored' && mapped.reason === 'unknown_type';
      return `${webhook.type}: ${isUnknown ? 'unknown type' : deadLetterOf(webhook, webhook.object)}`;
    });

    expect(problems.filter((problem) => !problem.endsWith(': null'))).toEqual([]);
  });

  test('is understood without any field that the event can be told without, and with that in an odd shape', () => {
    const problems = DOCUMENTED_WEBHOOKS.flatMap((webhook) =>
      withOneOdd(webhook.object)
        .filter(({ path }) => !isNeeded(webhook.provider, path))
        .map(({ path, object }) => [path.join('.'), deadLetterOf(webhook, object)] as const)
        .filter(([, problem]) => problem !== null)
        .map(([path, problem]) => `${webhook.provider} ${webhook.type}, ${path}: ${problem}`),
    );

    expect(problems).toEqual([]);
  });
});
