/** Notes what comes, writes down now and then what it says about silence, and tells a person of who is silent. */
import { asPayhookError, PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Alerts } from '../core/ports/alerts.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { SilenceRecords, StoredSilence } from '../core/ports/silence-records.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { ArrivedWebhook, EpochMs } from '../core/webhook.ts';
import { type Arrivals, learn, type SilenceRecord, silenceSentences, silencesOf, tell } from './silence.ts';

export interface WatchSilenceDeps {
  readonly records: SilenceRecords;
  readonly clock: Pick<Clock, 'now'>;
  readonly alerts: Alerts;
  readonly logger: Logger;
}

export interface SilenceWatch {
  /** A webhook was stored just now. Cheap, in memory; never throws. */
  note(arrived: ArrivedWebhook): void;
  /** Writes down what was noted of anything that was not written down for a while. Never throws. */
  keep(): Promise<void>;
  /** The same, and now and then looks who is silent, and tells of it once. To be called each minute. Never throws. */
  look(): Promise<void>;
  /** Writes down what was noted: whoever is to stop. Never throws. */
  end(): Promise<void>;
}

/** Others that write at the same time: each of them is done in a moment. */
const TRIES_MAX = 5;

/**
 * Not every webhook says that its provider is there: people send those of mode test, and simulated ones, as they test; we
 * send synthetic ones; and what reconciling found nobody delivered.
 */
const isHeard = ({ mode, isSimulated, synthetic, origin }: ArrivedWebhook): boolean =>
  mode !== 'test' && !isSimulated && synthetic === undefined && origin === undefined;

export const createSilenceWatch = ({ records, clock, alerts, logger }: WatchSilenceDeps): SilenceWatch => {
  let noted = new Map<string, Arrivals>();
  /** When what of a type is noted was written down last. */
  const keptAt = new Map<string, EpochMs>();
  let lookedAt: EpochMs | undefined;

  const isPast = (at: EpochMs | undefined): boolean =>
    at === undefined || Math.abs(clock.now() - at) >= LIMITS.silenceEveryMs;

  /** One alert: of several at once a person would be told of the first. */
  const raise = (sentences: ReturnType<typeof silenceSentences>): void => {
    if (sentences.length === 0) return;
    const provider = sentences.length === 1 ? (sentences[0]?.provider ?? null) : null;
    const summary = sentences.map(({ sentence }) => sentence).join('; ');
    alerts.raise({ kind: 'provider_silent', provider, webhookId: null, summary });
  };

  const write = async (isLooking: boolean): Promise<void> => {
    const arrivals = [...noted.values()];
    for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
      const stored = await records.get();
      const learnt = learn(recordOf(stored), arrivals, clock.now());
      const { record, told } = isLooking ? tell(learnt) : { record: learnt, told: [] };
      if (!(await records.put(JSON.stringify(record), stored?.revision ?? 0))) continue;
      raise(silenceSentences(told));
      return;
    }
    throw new PayhookError('store_busy', `others wrote what is known of silence ${TRIES_MAX} times in a row`);
  };

  const writeAll = async (isLooking: boolean): Promise<void> => {
    const before = noted;
    try {
      const written = write(isLooking);
      // What comes meanwhile is for the next time.
      noted = new Map();
      await written;
      for (const key of before.keys()) keptAt.set(key, clock.now());
      if (keptAt.size > LIMITS.silenceTypesMax) keptAt.clear();
      if (isLooking) lookedAt = clock.now();
    } catch (thrown) {
      for (const [key, arrivals] of before) noted.set(key, together(arrivals, noted.get(key)));
      const { code, message } = asPayhookError(thrown);
      logger.warn('silence.not_watched', { code, message });
    }
  };

  const isDue = (): boolean => [...noted.keys()].some((key) => isPast(keptAt.get(key)));

  return {
    note(arrived) {
      if (!isHeard(arrived)) return;
      const { provider, eventType, receivedAt } = arrived;
      const key = `${provider} ${eventType}`;
      const before = noted.get(key);
      if (before === undefined && noted.size >= LIMITS.silenceTypesMax) return;
      noted.set(key, together({ provider, eventType, firstAt: receivedAt, lastAt: receivedAt, count: 1 }, before));
    },
    keep: async () => (isDue() ? writeAll(false) : undefined),
    look: async () => (isPast(lookedAt) ? writeAll(true) : isDue() ? writeAll(false) : undefined),
    end: async () => (noted.size > 0 ? writeAll(false) : undefined),
  };
};

/** Stores webhooks, and notes those that are new. */
export const noteInserts =
  (insert: WebhookStore['insert'], silence: Pick<SilenceWatch, 'note'>): WebhookStore['insert'] =>
  async (insertion) => {
    const outcome = await insert(insertion);
    if (outcome.outcome === 'inserted') silence.note(insertion.webhook);
    return outcome;
  };

const together = (one: Arrivals, other: Arrivals | undefined): Arrivals =>
  other === undefined
    ? one
    : {
        ...one,
        firstAt: Math.min(one.firstAt, other.firstAt),
        lastAt: Math.max(one.lastAt, other.lastAt),
        count: one.count + other.count,
      };

const recordOf = (stored: StoredSilence | undefined): SilenceRecord | undefined => {
  if (stored === undefined) return undefined;
  try {
    const record: SilenceRecord = JSON.parse(stored.text);
    // A release to come may write another one: what was learnt is learnt again.
    return record.v === 1 && Array.isArray(record.heard) ? record : undefined;
  } catch {
    return undefined;
  }
};

/** A sentence for each provider that is silent, as of when somebody listened last. */
export const describeSilences = async (records: Pick<SilenceRecords, 'get'>): Promise<readonly string[]> => {
  const record = recordOf(await records.get());
  return record === undefined ? [] : silenceSentences(silencesOf(record)).map(({ sentence }) => sentence);
};
