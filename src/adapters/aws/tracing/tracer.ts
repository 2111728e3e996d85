/**
 * What a function does, as subsegments of the segment that Lambda makes of its invocation: calls of AWS, handlers,
 * destinations, certificates. Only when the trace is sampled; otherwise nothing is made, loaded or sent. What is said of
 * a call is which one, of what by name, how long and whether it failed: no id, no content, no message of an error.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { asPayhookError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import { readTraceHeader, type TraceHeader, writeTraceHeader } from './trace-header.ts';
import type { XrayDaemon } from './xray-daemon.ts';

/** What a subsegment says besides its times. */
export interface SpanFacts {
  /** The service as X-Ray calls it, or what of ours it is. */
  readonly name: string;
  /** `aws`: a service of AWS; `remote`: somebody else's. @default code of this function */
  readonly namespace?: 'aws' | 'remote';
  /** By the names that X-Ray knows: `operation`, `table_name`, `queue_url`, `bucket_name`. */
  readonly aws?: Readonly<Record<string, string>>;
  /** Values of a few kinds that traces are looked for by. */
  readonly annotations?: Readonly<Record<string, string | number | boolean>>;
  /** Ids of the traces that it goes on with: those of the deliveries that it is about. */
  readonly linkedTraceIds?: readonly string[];
}

export interface Tracer {
  /** Runs `work` as a subsegment. `facts` are asked for when the trace is sampled; `isFault` when `work` has a result. */
  span<T>(facts: () => SpanFacts, work: () => Promise<T>, isFault?: (result: T) => boolean): Promise<T>;
  /** The header for what goes on elsewhere; undefined outside of an invocation that has one. */
  header(): string | undefined;
  /** Runs one invocation; everything has left when it resolves. One at a time, as Lambda has it. */
  invocation<T>(header: string | undefined, isCallersDecision: boolean, work: () => Promise<T>): Promise<T>;
}

export interface TracerDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Pick<Randomness, 'bytes'>;
  /** Undefined where there is none: nothing is traced then. */
  readonly daemon: XrayDaemon | undefined;
}

/** Subsegments of one invocation; what comes after them is not recorded. A batch of ten has some hundred. */
const SPANS_MAX = 500;
/** X-Ray cuts longer names. */
const NAME_CHARS_MAX = 200;
const LINKS_MAX = 100;

interface Current extends TraceHeader {
  readonly parentId: string;
  spansLeft: number;
}

/** Names of errors with which AWS asks to be called less often. */
const THROTTLED = /Thrott|TooManyRequests|ProvisionedThroughputExceeded|RequestLimitExceeded|SlowDown/;

export const createTracer = ({ clock, randomness, daemon }: TracerDeps): Tracer => {
  let header: TraceHeader | undefined;
  let current: Current | undefined;
  /** The subsegment that code runs in. Made by the first invocation that is sampled. */
  let parents: AsyncLocalStorage<string> | undefined;

  const newId = (): string => Buffer.from(randomness.bytes(8)).toString('hex');
  const parentId = (of: Current): string => parents?.getStore() ?? of.parentId;

  const record = async <T>(
    of: Current,
    facts: SpanFacts,
    work: () => Promise<T>,
    isFault: (result: T) => boolean,
  ): Promise<T> => {
    const id = newId();
    const document = { id, trace_id: of.traceId, parent_id: parentId(of), type: 'subsegment', ...said(facts) };
    const startedAt = clock.now();
    const end = (failure: object): void =>
      daemon?.send({ ...document, start_time: startedAt / 1000, end_time: clock.now() / 1000, ...failure });
    try {
      const result = await (parents === undefined ? work() : parents.run(id, work));
      end(isFault(result) ? { fault: true } : {});
      return result;
    } catch (thrown) {
      end(failureOf(thrown, newId()));
      throw thrown;
    }
  };

  return {
    span(facts, work, isFault = () => false) {
      if (current === undefined || current.spansLeft <= 0) return work();
      current.spansLeft -= 1;
      return record(current, facts(), work, isFault);
    },
    header: () =>
      header === undefined
        ? undefined
        : writeTraceHeader(current === undefined ? header : { ...header, parentId: parentId(current) }),
    async invocation(text, isCallersDecision, work) {
      const read = readTraceHeader(text);
      // Whoever may call the API may say that every one of their calls is to be recorded, and we would pay for it.
      header = read === undefined ? undefined : { ...read, isSampled: read.isSampled && !isCallersDecision };
      if (daemon === undefined || header?.isSampled !== true || header.parentId === null) return work();
      current = { ...header, parentId: header.parentId, spansLeft: SPANS_MAX };
      const { AsyncLocalStorage: Storage } = process.getBuiltinModule('node:async_hooks');
      parents ??= new Storage<string>();
      try {
        return await work();
      } finally {
        current = undefined;
        await daemon.flush();
      }
    },
  };
};

const said = ({ name, namespace, aws, annotations, linkedTraceIds = [] }: SpanFacts): object => ({
  // Other characters X-Ray does not take in names.
  name: name.replaceAll(/[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu, '_').slice(0, NAME_CHARS_MAX),
  ...(namespace === undefined ? {} : { namespace }),
  ...(aws === undefined ? {} : { aws }),
  ...(annotations === undefined ? {} : { annotations }),
  ...(linkedTraceIds.length === 0
    ? {}
    : { links: [...new Set(linkedTraceIds)].slice(0, LINKS_MAX).map((traceId) => ({ trace_id: traceId })) }),
});

/** By its name: a message may quote anything. */
const failureOf = (thrown: unknown, exceptionId: string): object => {
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  const type = name === 'PayhookError' ? asPayhookError(thrown).code : name;
  const cause = { working_directory: '', exceptions: [{ id: exceptionId, type: type.slice(0, NAME_CHARS_MAX) }] };
  return THROTTLED.test(name) ? { error: true, throttle: true, cause } : { fault: true, cause };
};
