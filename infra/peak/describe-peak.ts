/** What a planned peak is made of and what it costs, in lines that are printed before anything is deployed. */
import type { PeakPlan } from './plan-peak.ts';
import {
  NEW_TABLE,
  type PeakSize,
  TRAIL_WEBHOOKS_PER_SECOND_MAX,
  WARMED,
  type Warmed,
  type WarmTables,
} from './size-peak.ts';

/**
 * List prices of us-east-1, 2026-08. Of warm throughput AWS charges once what is above what there is already, at the price of
 * an hour of a provisioned unit: https://aws.amazon.com/blogs/database/pre-warming-amazon-dynamodb-tables-with-warm-throughput/
 */
export const PEAK_PRICES_USD = {
  warmWriteUnit: 0.000_65,
  warmReadUnit: 0.000_13,
  /** A receiver of one gigabyte that is kept warm on ARM64: 0.0000033334 a second. */
  warmReceiverHour: 0.012,
} as const;

export interface PeakPrice {
  /** Once, however long the peak is. */
  readonly tablesUsd: number;
  readonly receiversUsd: number;
}

const HOUR_MS = 3_600_000;

/** @param already what tables and indexes take before @default as when they are new */
export const priceOfTables = (tables: WarmTables, already: Partial<WarmTables> = {}): number =>
  WARMED.map((name) => {
    const [wanted, there] = [tables[name], already[name] ?? NEW_TABLE];
    return (
      Math.max(0, wanted.write - there.write) * PEAK_PRICES_USD.warmWriteUnit +
      Math.max(0, wanted.read - there.read) * PEAK_PRICES_USD.warmReadUnit
    );
  }).reduce((sum, usd) => sum + usd, 0);

/** @param already as of `priceOfTables` */
export const priceOfPeak = ({ size, warmFrom, from, until }: PeakPlan, already?: Partial<WarmTables>): PeakPrice => {
  const hours = (until.getTime() - (warmFrom ?? from).getTime()) / HOUR_MS;
  return {
    tablesUsd: priceOfTables(size.tables, already),
    receiversUsd: size.warmReceivers * hours * PEAK_PRICES_USD.warmReceiverHour,
  };
};

const count = (value: number): string => value.toLocaleString('en-US');
const time = (date: Date): string => `${date.toISOString().slice(0, 16)}Z`;

/** How tables and indexes are called in a sentence. */
const LABELS: Readonly<Record<Warmed, string>> = {
  webhooks: 'webhooks',
  byReceivedAt: 'its index by time',
  byAttention: 'its index of what is tried again',
  payments: 'payments',
  byStoredAt: 'its index by time',
};

const tablesLine = ({ tables }: PeakSize): string => {
  const raised = WARMED.filter((name) => tables[name].write > NEW_TABLE.write || tables[name].read > NEW_TABLE.read);
  if (raised.length === 0) return 'tables: a new one takes it';
  const parts = raised.map((name) => `${LABELS[name]} ${count(tables[name].write)}`);
  return `tables, write units a second: ${parts.join(', ')}; they never become fewer again`;
};

export interface PeakSurroundings {
  /** Configured providers whose addresses are not known. */
  readonly unpublished: readonly string[];
  /** What the firewall lets through of each address that is not known. */
  readonly perAddress: number;
  /** What is deployed, which may be more than the peak needs. */
  readonly executions: { readonly receiver: number; readonly processor: number; readonly auditLogger: number };
}

/** @param already as of `priceOfTables` */
export const describePeak = (
  plan: PeakPlan,
  { unpublished, perAddress, executions }: PeakSurroundings,
  already?: Partial<WarmTables>,
): readonly string[] => {
  const { size, warmFrom, from, until } = plan;
  const { receiver, processor, auditLogger } = executions;
  const { tablesUsd, receiversUsd } = priceOfPeak(plan, already);
  const lines = [
    `a peak of ${count(size.webhooksPerSecond)} webhooks a second from ${time(from)} to ${time(until)}`,
    `  stage: ${count(size.requestsPerSecond)} requests a second, ${count(receiver)} at once`,
    `  executions: ${receiver} receivers, ${processor} processors, ${auditLogger} audit loggers`,
    `  kept warm: ${size.warmReceivers} receivers from ${warmFrom === null ? 'the end of this deployment' : time(warmFrom)} on`,
    `  ${tablesLine(size)}`,
    `  costs: $${tablesUsd.toFixed(2)} once for the tables, $${receiversUsd.toFixed(2)} for warm receivers; webhooks as ever`,
  ];
  if (unpublished.length > 0 && size.webhooksPerSecond > perAddress) {
    lines.push(
      `  webhooks of ${unpublished.join(' and ')} come from addresses that nobody publishes: above ${count(perAddress)} a second from one of them the firewall answers 429 for a minute; raise edge.requestsPerSecondPerAddress`,
    );
  }
  if (size.webhooksPerSecond > TRAIL_WEBHOOKS_PER_SECOND_MAX) {
    lines.push(
      `  the audit trail takes about ${count(TRAIL_WEBHOOKS_PER_SECOND_MAX)} webhooks a second: what is above is audited later, and has to be within 24 hours`,
    );
  }
  return lines;
};
