/**
 * What was asked last for present states: an answer is good for every webhook that came before it was asked for, and no account
 * of a provider's is asked more often than a bound.
 */

import { type CountedLately, createLastMinute } from '../core/counted-lately.ts';
import type { NotNow } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { AskedObject } from '../core/present-state.ts';
import { SECOND_MS } from '../core/time.ts';
import type { EpochMs, Webhook } from '../core/webhook.ts';

type OfAccount = Pick<Webhook, 'provider' | 'mode' | 'account'>;

const accountKey = ({ provider, mode, account }: OfAccount): string => JSON.stringify([provider, mode, account]);

/** The newest of them. */
const keepWithin = <V>(map: Map<string, V>, key: string, value: V, max: number): void => {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
};

/** How long nobody asks once the bound is reached. */
const REST_MS = 10 * SECOND_MS;

export const createPresentAnswers = <Answer extends { readonly outcome: string }>(clock: Clock) => {
  const known = new Map<string, { readonly askedAt: EpochMs; readonly answer: Promise<Answer | NotNow> }>();
  const asks = new Map<string, CountedLately>();

  const askNow = async (webhook: Webhook, ask: () => Promise<Answer | NotNow>): Promise<Answer | NotNow> => {
    const key = accountKey(webhook);
    const lastMinute = asks.get(key) ?? createLastMinute(clock);
    keepWithin(asks, key, lastMinute, LIMITS.presentAccountsMax);
    if (lastMinute.count() >= LIMITS.presentAsksPerMinuteMax) {
      const error = `the API of ${webhook.provider} was asked often enough for a minute`;
      return { outcome: 'rests', reason: 'present_state_limited', error, restMs: REST_MS };
    }
    lastMinute.add(1);
    return ask();
  };

  return {
    /** The answer that was asked for since the webhook came, or was replayed; else that of `ask`, which may throw. */
    async shared(
      webhook: Webhook,
      { kind, id }: AskedObject,
      ask: () => Promise<Answer | NotNow>,
    ): Promise<Answer | NotNow> {
      const key = JSON.stringify([accountKey(webhook), kind, id]);
      const found = known.get(key);
      const since = webhook.effects.round.startedAt ?? webhook.receivedAt;
      if (found !== undefined && found.askedAt >= since) return found.answer;
      const answer = askNow(webhook, ask);
      keepWithin(known, key, { askedAt: clock.now(), answer }, LIMITS.presentAnswersKeptMax);
      try {
        const { outcome } = await answer;
        if (outcome === 'failed' || outcome === 'rests') known.delete(key);
      } catch (thrown) {
        known.delete(key);
        throw thrown;
      }
      return answer;
    },
  };
};
