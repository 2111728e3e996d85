/** One attempt to deliver what was claimed for a destination, and what is to become of each entry after it. */

import type { Circuit } from '../core/circuit.ts';
import { asPayhookError, PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Alerts } from '../core/ports/alerts.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { LogFields, Logger } from '../core/ports/logger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import { backoffMs, type RetryPolicy, requestedWaitMs } from '../core/retry-policy.ts';
import { screenedText } from '../core/screen-text.ts';
import { HOUR_MS, milliseconds } from '../core/time.ts';
import type { Destination, DestinationMessage, SendOutcome } from './destination.ts';
import type { DestinationClaim, DestinationEntry, Settlement } from './destination-queue.ts';
import type { LoadedMessage } from './load-message.ts';

export interface SendClaimsDeps {
  readonly destination: Destination;
  readonly circuit: Circuit;
  readonly loadMessage: (entry: DestinationEntry) => Promise<LoadedMessage>;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
  readonly retryPolicy: Pick<RetryPolicy, 'backoffBaseMs' | 'backoffCapMs'>;
  /** An entry that fails when it has waited for so long is given up. */
  readonly giveUpAfterMs: number;
  readonly alerts: Alerts;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'destination'>;
}

export interface Sent {
  /** One for each claim, in order. */
  readonly settlements: readonly Settlement[];
  /** The destination answered for the first time after it had been down. */
  readonly isBack: boolean;
}

export type SendClaims = (claims: readonly DestinationClaim[], signal: AbortSignal) => Promise<Sent>;

type Load = LoadedMessage | { readonly outcome: 'broken'; readonly cause: unknown };

interface Loaded {
  readonly claim: DestinationClaim;
  readonly message: DestinationMessage;
}

/**
 * Returns `sendClaims(claims, signal)`: one call of the destination with at most `messagesMax` claims, which the circuit
 * has permitted and been told of. Tells the circuit how it went. What is broken here (a key that cannot be had, a secret)
 * is told of the entry that it concerns; the others go on.
 */
export const createSendClaims =
  (deps: SendClaimsDeps): SendClaims =>
  async (claims, signal) => {
    const loads = await Promise.all(claims.map((claim) => load(deps, claim)));
    const loaded: Loaded[] = [];
    const settled = new Map<DestinationClaim, Settlement>();
    let isBroken = false;
    for (const [index, claim] of claims.entries()) {
      const found = loads[index];
      if (found?.outcome === 'loaded') loaded.push({ claim, message: found.message });
      else if (found?.outcome === 'missing') settled.set(claim, giveUp(deps, claim, found.reason, 0));
      else {
        isBroken = true;
        settled.set(claim, brokenSettlement(deps, claim, found?.cause));
      }
    }
    const stopwatch = deps.clock.stopwatch();
    const sent = await send(deps, loaded, signal);
    const seconds = stopwatch();
    for (const [index, { claim }] of loaded.entries()) {
      const result = sent.outcome === 'sent' ? sent.results[index] : undefined;
      settled.set(
        claim,
        result === undefined
          ? brokenSettlement(deps, claim, sent.outcome === 'broken' ? sent.cause : undefined)
          : settlementOf(deps, claim, result, { seconds, isCutOff: signal.aborted }),
      );
    }
    isBroken ||= sent.outcome === 'broken';
    const results = sent.outcome === 'sent' ? sent.results : [];
    const isBack = tellCircuit(deps.circuit, results, { isBroken, isCutOff: signal.aborted });
    return { settlements: claims.map((claim) => settled.get(claim)).filter((one) => one !== undefined), isBack };
  };

const load = async ({ loadMessage }: SendClaimsDeps, { entry }: DestinationClaim): Promise<Load> => {
  try {
    return await loadMessage(entry);
  } catch (cause) {
    return { outcome: 'broken', cause };
  }
};

type Sending =
  | { readonly outcome: 'sent'; readonly results: readonly SendOutcome[] }
  | { readonly outcome: 'broken'; readonly cause: unknown };

const send = async (
  { destination }: SendClaimsDeps,
  loaded: readonly Loaded[],
  signal: AbortSignal,
): Promise<Sending> => {
  if (loaded.length === 0) return { outcome: 'sent', results: [] };
  try {
    const results = await destination.send(
      loaded.map(({ message }) => message),
      signal,
    );
    if (results.length === loaded.length) return { outcome: 'sent', results };
    throw new TypeError('a destination gives one result for each message');
  } catch (cause) {
    return { outcome: 'broken', cause };
  }
};

/** One call is one request, however many messages it had. */
const tellCircuit = (
  circuit: Circuit,
  results: readonly SendOutcome[],
  { isBroken, isCutOff }: { readonly isBroken: boolean; readonly isCutOff: boolean },
): boolean => {
  const failures = results.filter((result) => result.outcome === 'failed');
  const down = failures.filter(({ isDestinationDown }) => isDestinationDown);
  const isAnswered = down.length < results.length;
  if (isAnswered && !(isCutOff && failures.length === results.length)) return circuit.answered();
  if (down.length > 0 && !isCutOff) {
    const asked = down.map(({ retryAfterMs }) => retryAfterMs).filter((waitMs) => waitMs !== null);
    circuit.failed(asked.length === 0 ? null : Math.max(...asked));
  } else if (isBroken && results.length === 0) {
    // Any other message would have failed as well: its rest is ours, too.
    circuit.failed(null);
  } else circuit.abandoned();
  return false;
};

interface Attempt {
  readonly seconds: number;
  /** We stopped while it was under way: what failed says nothing. */
  readonly isCutOff: boolean;
}

const settlementOf = (
  deps: SendClaimsDeps,
  claim: DestinationClaim,
  result: SendOutcome,
  { seconds, isCutOff }: Attempt,
): Settlement => {
  const { destination, clock, logger, metrics } = deps;
  if (result.outcome === 'delivered') {
    logger.info('destination.delivered', { ...fieldsOf(claim), duration_ms: milliseconds(seconds) });
    metrics.destination(destination.name, 'delivered', seconds);
    return { claim, outcome: 'delivered' };
  }
  const { reason, detail, retryAfterMs } = result;
  const age = clock.now() - claim.enqueuedAt;
  if (age >= deps.giveUpAfterMs && !isCutOff) {
    const hours = Math.floor(age / HOUR_MS);
    return giveUp(deps, claim, `not delivered within ${hours} h; ${reason}: ${detail}`, seconds);
  }
  const waitMs = isCutOff ? 0 : waitAfter(deps, claim, retryAfterMs);
  reportFailed(deps, claim, { reason, message: detail, retry_in_ms: waitMs }, seconds);
  const dueAt = clock.now() + waitMs;
  return isCutOff
    ? { claim, outcome: 'put_back', dueAt }
    : { claim, outcome: 'failed', error: cut(`${reason}: ${detail}`), dueAt };
};

/**
 * A machine that is broken for now gives the entry back: it was not attempted, and must not be thrown away. A fault that
 * stays is an attempt like any other, or it would go on forever.
 */
const brokenSettlement = (deps: SendClaimsDeps, claim: DestinationClaim, cause: unknown): Settlement => {
  const { clock, giveUpAfterMs, logger } = deps;
  const { code, message, isRetryable } = asPayhookError(cause);
  const now = clock.now();
  if (cause instanceof PayhookError && isRetryable) {
    logger.error('destination.broken', { ...fieldsOf(claim), code, message, retry_in_ms: LIMITS.sendBrokenWaitMs });
    return { claim, outcome: 'put_back', dueAt: now + LIMITS.sendBrokenWaitMs };
  }
  // The words of a fault in our code may quote what it stumbled over: only its name goes into log, alert and list.
  const said = cause instanceof PayhookError ? message : nameOf(cause);
  const error = `${code}: ${said}`;
  if (now - claim.enqueuedAt >= giveUpAfterMs) return giveUp(deps, claim, error, 0);
  const waitMs = waitAfter(deps, claim, null);
  reportFailed(deps, claim, { code, message: said, retry_in_ms: waitMs }, 0);
  return { claim, outcome: 'failed', error: cut(error), dueAt: now + waitMs };
};

const nameOf = (cause: unknown): string => (cause instanceof Error ? cause.name : 'a value that is no error');

const waitAfter = (
  { retryPolicy, randomness }: SendClaimsDeps,
  { failures }: DestinationClaim,
  retryAfterMs: number | null,
): number => Math.max(backoffMs(retryPolicy, failures + 1, randomness), requestedWaitMs(retryAfterMs ?? 0));

const reportFailed = (deps: SendClaimsDeps, claim: DestinationClaim, fields: LogFields, seconds: number): void => {
  const { destination, logger, metrics } = deps;
  logger.warn('destination.failed', { ...fieldsOf(claim), ...fields, duration_ms: milliseconds(seconds) });
  metrics.destination(destination.name, 'failed', seconds);
};

/** What a destination answered is somebody else's text. */
const cut = (text: string): string => screenedText(text, LIMITS.lastErrorCharsMax);

const fieldsOf = ({ entry, failures }: DestinationClaim) => ({
  destination: entry.destination,
  event_id: entry.eventId,
  provider: entry.provider,
  trace_id: entry.traceId,
  attempt: failures + 1,
});

const giveUp = (deps: SendClaimsDeps, claim: DestinationClaim, said: string, seconds: number): Settlement => {
  const why = cut(said);
  const { destination, alerts, logger, metrics } = deps;
  logger.error('destination.gave_up', { ...fieldsOf(claim), message: why });
  metrics.destination(destination.name, 'given_up', seconds);
  alerts.raise({
    kind: 'destination_gave_up',
    provider: claim.entry.provider,
    webhookId: claim.entry.webhookId,
    summary: `destination ${destination.name} never got event ${claim.entry.eventId}: ${why}`,
  });
  return { claim, outcome: 'given_up', error: cut(`given up: ${why}`) };
};
