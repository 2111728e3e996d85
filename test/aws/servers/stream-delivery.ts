/**
 * What Lambda does with a batch of a DynamoDB stream until each of its records has succeeded or was given up: partial
 * answers, bisecting, retries, age. Pure but for what it is given; the emulator leaves all of this out.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html and services-ddb-batchfailurereporting.html
 */

/** As Lambda hands it to the function. */
export interface PumpedRecord {
  readonly eventName?: string;
  readonly dynamodb: {
    readonly SequenceNumber: string;
    /** Seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys?: Readonly<Record<string, unknown>>;
    readonly NewImage?: Readonly<Record<string, unknown>>;
    readonly OldImage?: Readonly<Record<string, unknown>>;
  };
}

export interface DeliveryRules {
  /** Null: until the record is too old. */
  readonly maximumRetryAttempts: number | null;
  /** Null: as long as the stream keeps it. */
  readonly maximumRecordAgeSeconds: number | null;
  readonly isBisected: boolean;
  /** `ReportBatchItemFailures`. */
  readonly isPartialReported: boolean;
}

export type Invoked =
  | { readonly outcome: 'answered'; readonly answer: unknown }
  | { readonly outcome: 'failed'; readonly error: string }
  /** The function was not run: no attempt is counted. */
  | { readonly outcome: 'throttled' };

export interface GivenUp {
  readonly records: readonly PumpedRecord[];
  readonly condition: 'RetryAttemptsExhausted' | 'MaxRecordAgeExceeded';
  readonly invokeCount: number;
}

export interface DeliveryDeps {
  readonly invoke: (records: readonly PumpedRecord[]) => Promise<Invoked>;
  /** To the failure destination; the shard goes on when it resolves. */
  readonly giveUp: (failure: GivenUp) => Promise<void>;
  readonly now: () => number;
  /** Between two tries. */
  readonly pause: () => Promise<void>;
}

interface Batch {
  readonly records: readonly PumpedRecord[];
  readonly retries: number;
  readonly invokeCount: number;
}

/** In order: a record is not begun before those before it have ended. */
export const deliver = async (
  rules: DeliveryRules,
  deps: DeliveryDeps,
  records: readonly PumpedRecord[],
): Promise<void> => {
  const waiting: Batch[] = [{ records, retries: 0, invokeCount: 0 }];
  for (let batch = waiting.pop(); batch !== undefined; batch = waiting.pop()) {
    const young = await withoutExpired(rules, deps, batch);
    if (young.records.length === 0) continue;
    const invoked = await deps.invoke(young.records);
    const next = batchesAfter(rules, { ...young, invokeCount: young.invokeCount + 1 }, invoked);
    if (next.outcome === 'exhausted') await deps.giveUp({ ...next.batch, condition: 'RetryAttemptsExhausted' });
    else {
      waiting.push(...next.batches.toReversed());
      if (next.batches.length > 0) await deps.pause();
    }
  }
};

/** Records come in the order of their time: the first ones expire first. */
const withoutExpired = async (
  { maximumRecordAgeSeconds }: DeliveryRules,
  { giveUp, now }: DeliveryDeps,
  batch: Batch,
): Promise<Batch> => {
  if (maximumRecordAgeSeconds === null) return batch;
  const oldest = now() / 1000 - maximumRecordAgeSeconds;
  const isOld = ({ dynamodb }: PumpedRecord): boolean => dynamodb.ApproximateCreationDateTime < oldest;
  const firstYoung = batch.records.findIndex((record) => !isOld(record));
  const count = firstYoung < 0 ? batch.records.length : firstYoung;
  if (count === 0) return batch;
  const { invokeCount } = batch;
  await giveUp({ records: batch.records.slice(0, count), condition: 'MaxRecordAgeExceeded', invokeCount });
  return { ...batch, records: batch.records.slice(count) };
};

type Next =
  | { readonly outcome: 'goes_on'; readonly batches: readonly Batch[] }
  | { readonly outcome: 'exhausted'; readonly batch: Batch };

const batchesAfter = (rules: DeliveryRules, batch: Batch, invoked: Invoked): Next => {
  const { records, retries, invokeCount } = batch;
  const goesOn = (...batches: readonly Batch[]): Next => ({ outcome: 'goes_on', batches });
  if (invoked.outcome === 'throttled') return goesOn(batch);
  const failedAt = invoked.outcome === 'failed' ? 0 : firstFailure(rules, records, invoked.answer);
  if (failedAt === undefined) return goesOn();
  // Bisecting costs no retry: at the number that was reported, else in the middle.
  if (rules.isBisected && failedAt > 0) return goesOn({ records: records.slice(failedAt), retries, invokeCount });
  if (rules.isBisected && invoked.outcome === 'failed' && records.length > 1) {
    const middle = Math.ceil(records.length / 2);
    return goesOn(
      { records: records.slice(0, middle), retries, invokeCount },
      { records: records.slice(middle), retries, invokeCount },
    );
  }
  const rest = { records: records.slice(failedAt), retries: retries + 1, invokeCount };
  const isExhausted = rules.maximumRetryAttempts !== null && retries >= rules.maximumRetryAttempts;
  return isExhausted ? { outcome: 'exhausted', batch: rest } : goesOn(rest);
};

/** Where the lowest number that was reported stands; 0 when the report cannot be understood; undefined for success. */
const firstFailure = (
  { isPartialReported }: DeliveryRules,
  records: readonly PumpedRecord[],
  answer: unknown,
): number | undefined => {
  if (!isPartialReported || answer === null || answer === undefined) return undefined;
  if (typeof answer !== 'object') return 0;
  const { batchItemFailures: failures } = answer as { readonly batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return undefined;
  if (!Array.isArray(failures)) return 0;
  if (failures.length === 0) return undefined;
  const places = failures.map((failure: { readonly itemIdentifier?: unknown } | null) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier),
  );
  return places.includes(-1) ? 0 : Math.min(...places);
};
