/**
 * How long each provider, and each of its event types, is silent when nothing is wrong: learnt from what came, week by week.
 * And which of them is silent for longer than that. Pure: time comes in with what is noted.
 */
import { LIMITS } from '../core/limits.ts';
import { HOUR_MS, MINUTE_MS, WEEK_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';

/** A provider, or one event type of it. */
interface Named {
  readonly provider: string;
  /** Null: whatever it sends. */
  readonly eventType: string | null;
}

/** Webhooks of one type that came since they were written down last. */
export interface Arrivals extends Named {
  readonly eventType: string;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly count: number;
}

/** What is known of one. Times in which nobody listened do not count: the instants are moved on by them. */
export interface Heard extends Named {
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** Up to `LIMITS.silenceKnownCountMin`. */
  readonly count: number;
  /** The longest silence that ended in each of the last weeks, the newest first, and which week that is, since 1970. */
  readonly longestMs: readonly number[];
  readonly week: number;
  /** Somebody was told that it is silent. */
  readonly isTold: boolean;
}

export interface SilenceRecord {
  readonly v: 1;
  /** When it was written: until then somebody listened. */
  readonly at: EpochMs;
  readonly heard: readonly Heard[];
}

export interface Silence extends Named {
  readonly silentMs: number;
  /** The longest that it was silent before, of the weeks that are remembered. */
  readonly longestMs: number;
}

/** So many times the longest that it was before. */
const TOO_LONG = 2;

const longestOf = ({ longestMs }: Heard): number => Math.max(0, ...longestMs);

/** How long it may be silent; null while too little is known of it. */
const silentMsMax = (heard: Heard): number | null => {
  const isKnown = heard.count >= LIMITS.silenceKnownCountMin && heard.lastAt - heard.firstAt >= LIMITS.silenceKnownMs;
  return isKnown ? Math.max(LIMITS.silenceMsMin, TOO_LONG * longestOf(heard)) : null;
};

/** The record of now, with what came since it was written. */
export const learn = (
  record: SilenceRecord | undefined,
  arrivals: readonly Arrivals[],
  now: EpochMs,
): SilenceRecord => {
  const known = new Map<string, Heard>();
  for (const heard of listenAgain(record, now)) known.set(keyOf(heard), heard);
  for (const arrived of arrivals.toSorted((a, b) => a.firstAt - b.firstAt)) {
    for (const named of [arrived, { ...arrived, eventType: null }]) {
      known.set(keyOf(named), afterArrivals(known.get(keyOf(named)), named));
    }
  }
  const heard = [...known.values()]
    .filter(({ lastAt }) => now - lastAt < LIMITS.silenceForgottenMs)
    .sort((a, b) => b.lastAt - a.lastAt)
    .slice(0, LIMITS.silenceTypesMax);
  return { v: 1, at: now, heard };
};

const keyOf = ({ provider, eventType }: Named): string => JSON.stringify([provider, eventType]);

/**
 * While nobody listened, nobody could be heard: a server that was stopped for a night says nothing about providers. Of a clock
 * that was set back too: whoever was heard later than now would not be missed until then.
 */
const listenAgain = (record: SilenceRecord | undefined, now: EpochMs): readonly Heard[] => {
  if (record === undefined) return [];
  const awayMs = now - record.at;
  if (Math.abs(awayMs) <= LIMITS.silenceAwayMs) return record.heard;
  return record.heard.map((one) => ({
    ...one,
    firstAt: one.firstAt + awayMs,
    lastAt: one.lastAt + awayMs,
    week: Math.min(one.week + Math.trunc(awayMs / WEEK_MS), Math.floor(now / WEEK_MS)),
  }));
};

type Noted = Named & Pick<Arrivals, 'firstAt' | 'lastAt' | 'count'>;

const afterArrivals = (before: Heard | undefined, { provider, eventType, firstAt, lastAt, count }: Noted): Heard => {
  const week = Math.floor(lastAt / WEEK_MS);
  if (before === undefined) return { provider, eventType, firstAt, lastAt, count, longestMs: [0], week, isTold: false };
  const silentMs = Math.max(0, firstAt - before.lastAt);
  // What somebody was told of counts as no longer than that: one outage must not make the next one pass unseen.
  const learntMs = Math.min(silentMs, silentMsMax(before) ?? silentMs);
  const [newest = 0, ...older] = weeksUntil(before, week);
  return {
    ...before,
    lastAt: Math.max(before.lastAt, lastAt),
    count: Math.min(LIMITS.silenceKnownCountMin, before.count + count),
    longestMs: [Math.max(newest, learntMs), ...older],
    week: Math.max(before.week, week),
    isTold: false,
  };
};

const weeksUntil = ({ longestMs, week: before }: Heard, week: number): readonly number[] => {
  const passed = Math.min(LIMITS.silenceWeeksMax, Math.max(0, week - before));
  return [...Array.from({ length: passed }, () => 0), ...longestMs].slice(0, LIMITS.silenceWeeksMax);
};

/** Who is silent as of the record: of a provider that is silent as a whole nothing but that. */
export const silencesOf = (record: SilenceRecord): readonly Silence[] =>
  silent(record).map((heard) => ({
    provider: heard.provider,
    eventType: heard.eventType,
    silentMs: record.at - heard.lastAt,
    longestMs: longestOf(heard),
  }));

const silent = ({ at, heard }: SilenceRecord): readonly Heard[] => {
  const all = heard.filter((one) => at - one.lastAt > (silentMsMax(one) ?? Number.POSITIVE_INFINITY));
  const whole = new Set(all.filter(({ eventType }) => eventType === null).map(({ provider }) => provider));
  return all.filter(({ provider, eventType }) => eventType === null || !whole.has(provider));
};

/** The record in which everybody who is silent has been told of, and those of whom nobody had been. */
export const tell = (record: SilenceRecord): { readonly record: SilenceRecord; readonly told: readonly Silence[] } => {
  const isNew = new Set(
    silent(record)
      .filter(({ isTold }) => !isTold)
      .map(keyOf),
  );
  const heard = record.heard.map((one) => (isNew.has(keyOf(one)) ? { ...one, isTold: true } : one));
  return { record: { ...record, heard }, told: silencesOf(record).filter((one) => isNew.has(keyOf(one))) };
};

/** Types that one sentence names; the rest is counted. */
const NAMED_MAX = 5;

/** One sentence for each provider. */
export const silenceSentences = (
  silences: readonly Silence[],
): readonly { readonly provider: string; readonly sentence: string }[] =>
  [...Map.groupBy(silences, ({ provider }) => provider)].map(([provider, of]) => {
    const named = of.slice(0, NAMED_MAX).map(whatIsSilent);
    const more = of.length > NAMED_MAX ? ` and ${of.length - NAMED_MAX} types more` : '';
    return { provider, sentence: `${provider} is silent: ${named.join(', ')}${more}` };
  });

const whatIsSilent = ({ eventType, silentMs, longestMs }: Silence): string =>
  `${eventType === null ? 'nothing' : `no ${eventType}`} for ${duration(silentMs)} (before: ${duration(longestMs)} at most)`;

const duration = (ms: number): string => {
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return ms < 48 * HOUR_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / (24 * HOUR_MS))} days`;
};
