/** A planned peak (`aws.peak`): what is deployed for it, when, what it costs, and what an account has to have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { askedOf, DEFAULT_LIMITS, limitsExceeded } from '../../infra/deploy/account-limits.ts';
import { describePeak, priceOfPeak } from '../../infra/peak/describe-peak.ts';
import { notBelow, type PeakPlan, planPeak, withRoomFor } from '../../infra/peak/plan-peak.ts';
import { NEW_TABLE, sizePeak } from '../../infra/peak/size-peak.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { configSchemaOf } from '../../src/config/schema.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';
import { at, type Json, type Properties, type Synthesised, synthesise } from './synthesised.ts';

const ROOT = join(import.meta.dirname, '../..');
const FROM = '2026-11-27T00:00:00-05:00';
const UNTIL = '2026-11-28T00:00:00-05:00';
const DAYS_BEFORE = Date.parse('2026-11-20T00:00:00Z');

const peakOf = (webhooksPerSecond: number): NonNullable<PayhookConfig['aws']> => ({
  peak: { webhooksPerSecond, from: FROM, until: UNTIL },
});
const parse = (aws: NonNullable<PayhookConfig['aws']>) => configSchemaOf(CONFIGURABLE_PROVIDERS).parse({ aws });
const planOf = (webhooksPerSecond: number, now = DAYS_BEFORE): PeakPlan => {
  const planned = planPeak(parse(peakOf(webhooksPerSecond)).aws.peak, now);
  if (planned.outcome !== 'planned') throw new Error(planned.outcome);
  return planned.plan;
};

let thousand: Synthesised;
let several: Synthesised;
let many: Synthesised;
let small: Synthesised;
beforeAll(() => {
  thousand = synthesise({ config: { aws: peakOf(1000) } });
  several = synthesise({ config: { aws: peakOf(3000) } });
  many = synthesise({ config: { aws: { ...peakOf(10_000), provisionedConcurrency: 5 } } });
  small = synthesise({ config: { aws: peakOf(100) } });
});

/** Write units of a table and of each of its indexes, where more is asked for than a new one has. */
const warmOf = (of: Synthesised, table: string): Readonly<Record<string, Json | undefined>> => {
  const { Properties: properties } = of.one('AWS::DynamoDB::Table', `table-${table}-dev`);
  const indexes = (properties.GlobalSecondaryIndexes ?? []) as readonly Properties[];
  return Object.fromEntries([
    [table, at(properties, 'WarmThroughput.WriteUnitsPerSecond')],
    ...indexes.map((index) => [String(index.IndexName), at(index, 'WarmThroughput.WriteUnitsPerSecond')]),
  ]);
};

const deliverySettings = (of: Synthesised): Properties | undefined =>
  (of.one('AWS::ApiGateway::Stage').Properties.MethodSettings as readonly Properties[]).find(
    ({ HttpMethod }) => HttpMethod === 'POST',
  );

const reserved = (of: Synthesised): readonly Json[] =>
  ['webhook-receiver', 'payment-processor', 'audit-logger'].map(
    (name) => of.one('AWS::Lambda::Function', `lambda-${name}-dev`).Properties.ReservedConcurrentExecutions as Json,
  );

describe('a stack with a planned peak', () => {
  test('has tables and indexes that take its writes from the first second on, where a new one would not', () => {
    expect(warmOf(several, 'PaymentWebhooks')).toEqual({
      PaymentWebhooks: 11_700,
      'by-received-at': undefined,
      'by-attention': undefined,
    });
    expect(warmOf(several, 'Payments')).toEqual({ Payments: 7800, 'by-stored-at': undefined });
    expect(warmOf(many, 'AuditTrail')).toEqual({ AuditTrail: undefined });
    expect(warmOf(many, 'PaymentWebhooks')).toEqual({
      PaymentWebhooks: 39_000,
      'by-received-at': 13_000,
      'by-attention': 13_000,
    });
    expect(warmOf(many, 'Payments')).toEqual({ Payments: 26_000, 'by-stored-at': 4550 });
  });

  test('lets a fifth more through than comes, and no more at once than it has receivers', () => {
    expect(deliverySettings(thousand)).toMatchObject({ ThrottlingRateLimit: 1200, ThrottlingBurstLimit: 100 });
    expect(deliverySettings(many)).toMatchObject({ ThrottlingRateLimit: 12_000, ThrottlingBurstLimit: 503 });
  });

  test('sets executions aside for it, and never fewer than without it', () => {
    expect(reserved(small)).toEqual([100, 50, 25]);
    expect(reserved(many)).toEqual([503, 234, 62]);
  });

  test('keeps receivers warm from half an hour before until its end, in UTC, and what is always kept warm afterwards', () => {
    const { Properties: properties, DependsOn: waitsFor } = many.one('AWS::ApplicationAutoScaling::ScalableTarget');
    const alias = many
      .all('AWS::Lambda::Alias')
      .find(({ Properties }) => many.readable(Properties.FunctionName as Json) === 'lambda-webhook-receiver-dev');
    const action = (name: string, schedule: string, executions: number) => ({
      ScheduledActionName: name,
      Schedule: schedule,
      Timezone: 'UTC',
      ScalableTargetAction: { MinCapacity: executions, MaxCapacity: executions },
    });

    expect(many.readable(properties.ResourceId as Json)).toBe('function:lambda-webhook-receiver-dev:live');
    expect(properties).toMatchObject({ MinCapacity: 5, MaxCapacity: 335 });
    expect(properties.ScheduledActions).toEqual([
      action('peak-begins', 'at(2026-11-27T04:30:00)', 335),
      action('peak-ends', 'at(2026-11-28T05:00:00)', 5),
    ]);
    expect(waitsFor).toContain(alias?.logicalId);
  });

  test('is warm at once when it is deployed too late for a schedule', () => {
    const late = synthesise({ config: { aws: peakOf(1000) }, now: Date.parse('2026-11-27T04:00:00Z') });
    const { Properties: properties } = late.one('AWS::ApplicationAutoScaling::ScalableTarget');

    expect(properties).toMatchObject({ MinCapacity: 55, MaxCapacity: 55 });
    expect((properties.ScheduledActions as readonly Properties[]).map(({ Schedule }) => Schedule)).toEqual([
      'at(2026-11-28T05:00:00)',
    ]);
  });

  test('is as without one when it is over, or when a small one needs no more', () => {
    const over = synthesise({ config: { aws: peakOf(1000) }, now: Date.parse(UNTIL) });

    expect(over.text).toBe(synthesise().text);
    expect(JSON.stringify(small.all('AWS::DynamoDB::Table'))).not.toContain('WarmThroughput');
  });
});

describe('the plan of a peak', () => {
  test('is none in its last hour: AWS takes no schedule for what is past', () => {
    const { peak } = parse(peakOf(1000)).aws;

    expect(planPeak(peak, Date.parse('2026-11-28T04:30:00Z'))).toMatchObject({ outcome: 'ending' });
    expect(planPeak(peak, Date.parse(UNTIL))).toMatchObject({ outcome: 'over' });
    expect(planPeak(undefined, DAYS_BEFORE)).toEqual({ outcome: 'none' });
  });

  test('makes nothing of the configuration smaller but the burst', () => {
    const config = parse({ ...peakOf(10), reservedConcurrency: { receiver: 300, processor: 200, auditLogger: 90 } });

    expect(withRoomFor(config, sizePeak(10))).toEqual({ ...config, edge: { ...config.edge, requestsBurst: 300 } });
  });

  test('leaves alone what takes more already, because AWS does not make it less', () => {
    const plan = planOf(10_000);
    const there = { webhooks: { write: 60_000, read: 12_000 }, payments: { write: 26_000, read: 19_500 } };

    const { webhooks, payments, byStoredAt } = notBelow(plan, there).size.tables;

    expect(webhooks).toEqual({ write: 60_000, read: 13_000 });
    expect(payments).toEqual(NEW_TABLE);
    expect(byStoredAt).toEqual(plan.size.tables.byStoredAt);
  });

  test.each([
    [{ from: UNTIL, until: FROM }, /a time after from/],
    [{ until: '2027-01-27T00:00:00-05:00' }, /at most 31 days/],
    [{ from: '2026-11-27T00:00:00' }, /datetime/i],
  ])('is refused without a time zone, backwards, or for more than a month: %j', (changed, problem) => {
    const aws = { peak: { webhooksPerSecond: 1000, from: FROM, until: UNTIL, ...changed } };

    expect(() => parse(aws)).toThrow(problem);
  });
});

const EXECUTIONS = { receiver: 100, processor: 50, auditLogger: 25 };

describe('what a peak costs', () => {
  test('is what is above a new table once, and warm receivers by the hour', () => {
    const price = priceOfPeak(planOf(3000));

    // 11,700 and 7,800 write units instead of 4,000 each.
    expect(price.tablesUsd).toBeCloseTo((7700 + 3800) * 0.000_65, 6);
    // From half an hour before on.
    expect(price.receiversUsd).toBeCloseTo(124 * 24.5 * 0.012, 6);
  });

  test('is nothing for tables that take it already', () => {
    const plan = planOf(10_000);

    expect(priceOfPeak(plan, plan.size.tables).tablesUsd).toBe(0);
    expect(priceOfPeak(plan, { ...plan.size.tables, payments: NEW_TABLE }).tablesUsd).toBeCloseTo(
      22_000 * 0.000_65 + 7500 * 0.000_13,
      6,
    );
  });

  test('stands in the docs', () => {
    const rows = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8').matchAll(
      /^\| ([\d,]+) webhooks\/s +\| +([\d.]+) \| +([\d.]+) \|$/gm,
    );
    const said = [...rows].map(([, rate = '', tables, receivers]) => [
      Number(rate.replace(',', '')),
      tables,
      receivers,
    ]);

    expect(said).toHaveLength(3);
    for (const [rate, tables, receivers] of said) {
      const price = priceOfPeak(planOf(Number(rate)));
      expect([price.tablesUsd.toFixed(2), price.receiversUsd.toFixed(2)]).toEqual([tables, receivers]);
    }
  });

  test('is said with everything that it is made of, in lines', () => {
    const lines = describePeak(planOf(1000), { unpublished: [], perAddress: 10, executions: EXECUTIONS });

    expect(lines).toEqual([
      'a peak of 1,000 webhooks a second from 2026-11-27T05:00Z to 2026-11-28T05:00Z',
      '  stage: 1,200 requests a second, 100 at once',
      '  executions: 100 receivers, 50 processors, 25 audit loggers',
      '  kept warm: 55 receivers from 2026-11-27T04:30Z on',
      '  tables: a new one takes it',
      '  costs: $0.00 once for the tables, $16.17 for warm receivers; webhooks as ever',
    ]);
    expect(describePeak(planOf(3000), { unpublished: [], perAddress: 10, executions: EXECUTIONS })).toContain(
      '  tables, write units a second: webhooks 11,700, payments 7,800; they never become fewer again',
    );
  });

  test('comes with what the plan cannot help: addresses that nobody publishes, and the trail', () => {
    const lines = describePeak(planOf(10_000), {
      unpublished: ['paypal', 'adyen'],
      perAddress: 10,
      executions: EXECUTIONS,
    });

    expect(lines.at(-2)).toMatch(
      /webhooks of paypal and adyen come from addresses that nobody publishes: above 10 a second/,
    );
    expect(lines.at(-1)).toMatch(/the audit trail takes about 2,000 webhooks a second: what is above is audited later/);
  });
});

describe('what an account has to have', () => {
  const asked = (webhooksPerSecond: number, aws: NonNullable<PayhookConfig['aws']> = {}) => {
    const plan = planOf(webhooksPerSecond);
    return askedOf({ config: withRoomFor(parse({ ...peakOf(webhooksPerSecond), ...aws }), plan.size), peak: plan });
  };

  test('is there by default for a thousand webhooks a second', () => {
    expect(limitsExceeded(asked(1000), DEFAULT_LIMITS, 'an account by default')).toEqual([]);
  });

  test('is a sentence for each limit that is too low', () => {
    expect(limitsExceeded(asked(12_000), DEFAULT_LIMITS, 'an account by default')).toEqual([
      'the stack asks for 1,043 concurrent executions, with the 100 that Lambda wants left over, and an account by default has 1,000: ask for more (Service Quotas, Lambda, Concurrent executions, L-B99A9384)',
      'the stack asks for 14,400 requests a second, and an account by default has 10,000: ask for more (Service Quotas, API Gateway, Throttle rate, L-8A5B8E43)',
      'the stack asks for 46,800 write units a second of one table, and an account by default has 40,000: ask for more (Service Quotas, DynamoDB, Table-level write throughput limit)',
    ]);
  });

  test('is not asked of Lambda where nothing is set aside', () => {
    expect(askedOf({ config: parse({ reservedConcurrency: false }) }).executions).toBe(0);
  });
});
