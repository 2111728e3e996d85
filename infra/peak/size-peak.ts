/**
 * What a number of webhooks a second needs, from their first second on: requests at the stage, executions, and throughput of
 * tables and indexes. The simulation of peaks plays the same sizes (`bench/simulation`).
 */

/** Units a second that a table or an index takes at once. */
export interface WarmUnits {
  readonly write: number;
  readonly read: number;
}

/** Each has throughput of its own, an index too. The trail is not among them: it is written at one end, in one partition. */
export const WARMED = ['webhooks', 'byReceivedAt', 'byAttention', 'payments', 'byStoredAt'] as const;
export type Warmed = (typeof WARMED)[number];
export type WarmTables = Readonly<Record<Warmed, WarmUnits>>;

export interface PeakSize {
  readonly webhooksPerSecond: number;
  readonly requestsPerSecond: number;
  /** No more at once than there are receivers: what came beyond would be answered 503, and costs more than a 429. */
  readonly requestsBurst: number;
  readonly receivers: number;
  /** Of these, so many are kept warm. */
  readonly warmReceivers: number;
  readonly processors: number;
  readonly auditLoggers: number;
  readonly tables: WarmTables;
}

/** What a table and each of its indexes take when they are new, and what nothing has to be paid for. */
export const NEW_TABLE: WarmUnits = { write: 4000, read: 12_000 };

/**
 * Of one webhook that is received, processed and audited. A test counts them with AWS's own emulator; here is half as much again,
 * because larger events take more. `byAttention` is written only for what is tried again: it is sized as if all were.
 */
export const UNITS_A_WEBHOOK: WarmTables = {
  webhooks: { write: 3, read: 1 },
  byReceivedAt: { write: 1, read: 0 },
  byAttention: { write: 1, read: 0 },
  payments: { write: 2, read: 1.5 },
  byStoredAt: { write: 0.35, read: 0 },
};

/** The same in the audit trail. */
export const TRAIL_WRITE_UNITS_A_WEBHOOK = 0.5;

/** Room for what comes twice or is tried again, and for the second write of a webhook of PayPal. */
const ROOM = { stage: 1.2, tables: 1.3, receivers: 1.5, processors: 1.5, auditLoggers: 1.5 } as const;

/** A warm delivery, the waits for DynamoDB and SQS included: `bench/simulation/assumptions.ts`. */
const RECEIVER_SECONDS = 0.025;
/** A tenth of a batch of ten, with handlers that take 120 ms all together. */
const PROCESSOR_SECONDS = 0.0155;
/** Of a table, and so of its stream, which has a shard for each. */
const PARTITION_WRITE_UNITS = 1000;
/** Executions that are no part of the work: the sweeper; two that read drafts of entries, and the clock. */
export const BESIDES = { processor: 1, auditLogger: 3 } as const;

/** Poisson's load and its tail, five standard deviations wide: fewer than one call in a million finds none that is warm. */
const warmFor = (load: number): number => Math.ceil(load + 5 * Math.sqrt(load) + 5);

export const sizePeak = (webhooksPerSecond: number): PeakSize => {
  const warmReceivers = warmFor(webhooksPerSecond * RECEIVER_SECONDS);
  const receivers = Math.ceil(warmReceivers * ROOM.receivers);
  const tables = Object.fromEntries(
    WARMED.map((name) => [name, unitsOf(UNITS_A_WEBHOOK[name], webhooksPerSecond)]),
  ) as unknown as WarmTables;
  const shards = Math.ceil(tables.webhooks.write / PARTITION_WRITE_UNITS);
  return {
    webhooksPerSecond,
    requestsPerSecond: Math.ceil(webhooksPerSecond * ROOM.stage),
    requestsBurst: receivers,
    receivers,
    warmReceivers,
    processors: Math.ceil(webhooksPerSecond * PROCESSOR_SECONDS * ROOM.processors) + BESIDES.processor,
    auditLoggers: Math.ceil(shards * ROOM.auditLoggers) + BESIDES.auditLogger,
    tables,
  };
};

const unitsOf = ({ write, read }: WarmUnits, webhooksPerSecond: number): WarmUnits => ({
  write: Math.max(NEW_TABLE.write, Math.ceil(write * webhooksPerSecond * ROOM.tables)),
  read: Math.max(NEW_TABLE.read, Math.ceil(read * webhooksPerSecond * ROOM.tables)),
});

/** Above this the trail is written later than webhooks come, and catches up when fewer do. */
export const TRAIL_WEBHOOKS_PER_SECOND_MAX = Math.floor(PARTITION_WRITE_UNITS / TRAIL_WRITE_UNITS_A_WEBHOOK);
