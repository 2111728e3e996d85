/**
 * One question to a provider's API while a webhook is processed. What cannot be answered now is an outcome of the attempt: it is
 * made again like that of a handler. Nobody asks while the provider wants to be left alone, and of an API that does not answer
 * only a probe now and then: webhooks that rest take no place that others could use.
 */

import { type Circuit, createCircuit } from '../core/circuit.ts';
import type { NotNow } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import type { Alerts } from '../core/ports/alerts.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventSource, FindOutcome, ListedEvent } from '../core/ports/provider-events.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import { SECOND_MS } from '../core/time.ts';
import type { EpochMs, Webhook } from '../core/webhook.ts';

export interface AskApiDeps {
  /** What a provider's API can be asked with; none without a credential. Throws what reading credentials throws. */
  readonly sourcesOf: (provider: string) => Promise<readonly EventSource[]>;
  /** Where the credential of a provider would be: `set PAYHOOK_PAYPAL_API_CREDENTIALS`. */
  readonly adviceFor: (provider: string) => string;
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

/** `what`: how the codes of its outcomes begin. `ask` gives undefined where the API has no such request. */
export interface Question {
  readonly what: 'confirmation' | 'fetch' | 'present_state';
  readonly webhook: Webhook;
  readonly ask: (source: EventSource) => Promise<FindOutcome> | undefined;
}

export type AskOutcome =
  | { readonly outcome: 'found'; readonly event: ListedEvent; readonly source: EventSource }
  | { readonly outcome: 'not_found' }
  | NotNow;

export type AskApi = (question: Question) => Promise<AskOutcome>;

/** Tried again after the usual wait. */
export const notNow = (reason: string, error: string): NotNow => ({ outcome: 'failed', reason, error, waitMs: null });

const restsFor = (reason: string, error: string, restMs: number): NotNow => ({
  outcome: 'rests',
  reason,
  error,
  restMs,
});

/** While somebody else's probe is under way. */
const PROBE_WAIT_MS = SECOND_MS;

/** By provider and mode; how many ask at a time is the processor's affair. */
const createCircuits = ({ clock, randomness }: AskApiDeps): ((name: string) => Circuit) => {
  const circuits = new Map<string, Circuit>();
  return (name) => {
    const circuit =
      circuits.get(name) ?? createCircuit({ clock, randomness, concurrencyMax: 1, requestsPerSecondMax: null });
    circuits.set(name, circuit);
    return circuit;
  };
};

/** Null when it may be asked now. In whole milliseconds: it becomes an instant that is stored. */
const msLeftAlone = (circuit: Circuit): number | null => {
  const { count, waitMs } = circuit.permit(0);
  return circuit.state() === 'closed' || count > 0 ? null : Math.ceil(waitMs ?? PROBE_WAIT_MS);
};

const askThrough = async (
  circuit: Circuit,
  ask: () => Promise<FindOutcome> | undefined,
): Promise<FindOutcome | undefined> => {
  const asked = ask();
  if (asked === undefined) return undefined;
  circuit.started();
  const answer = await asked.catch((thrown: unknown) => {
    circuit.abandoned();
    throw thrown;
  });
  if (answer.outcome === 'unavailable') circuit.failed(null);
  else circuit.answered();
  return answer;
};

/** Throws what `sourcesOf` throws. */
export const createAskApi = (deps: AskApiDeps): AskApi => {
  const told = createTellOnce(deps.alerts);
  const circuitOf = createCircuits(deps);
  /** By provider and mode: until when its API is left alone. */
  const rests = new Map<string, EpochMs>();

  return async ({ what, webhook, ask }) => {
    const { provider, mode } = webhook;
    const name = `${provider}:${mode}`;
    const resting = (restMs: number): NotNow =>
      restsFor(`${what}_limited`, `the API of ${provider} wants us to wait`, restMs);
    const restMs = (rests.get(name) ?? 0) - deps.clock.now();
    // A clock that was set back must not make the rest longer than a provider may ask for.
    if (restMs > 0 && restMs <= LIMITS.retryAfterMsMax) return resting(restMs);
    const source = (await deps.sourcesOf(provider)).find((each) => each.mode === mode);
    const circuit = circuitOf(name);
    const downMs = msLeftAlone(circuit);
    if (source !== undefined && downMs !== null) {
      return restsFor(`${what}_unavailable`, `the API of ${provider} has not answered for a while`, downMs);
    }
    const answer = source === undefined ? undefined : await askThrough(circuit, () => ask(source));
    if (source === undefined || answer === undefined) {
      const advice = `there is no credential of mode ${mode} to ask ${provider} with: ${deps.adviceFor(provider)}`;
      told.once(webhook, name, advice);
      return notNow(`${what}_without_credential`, advice);
    }
    switch (answer.outcome) {
      case 'found':
        told.again(name);
        return { ...answer, source };
      case 'not_found':
        return answer;
      case 'rate_limited': {
        const waitMs = answer.retryAfterMs ?? LIMITS.reconcileRestMs;
        rests.set(name, deps.clock.now() + waitMs);
        return resting(waitMs);
      }
      case 'credential_refused': {
        const refused = `the API of ${provider} refuses the credential (${answer.reason}): it is wrong, expired, or may not do this`;
        told.once(webhook, name, refused);
        return notNow(`${what}_refused`, refused);
      }
      case 'unavailable':
        return notNow(`${what}_unavailable`, `the API of ${provider} could not be asked (${answer.reason})`);
      default:
        return answer satisfies never;
    }
  };
};

/** A credential that is missing or refused holds up every webhook: told with the first, until one was answered again. */
const createTellOnce = (alerts: Alerts) => {
  const told = new Set<string>();
  return {
    once({ provider, webhookId }: Webhook, name: string, summary: string): void {
      if (told.has(name)) return;
      told.add(name);
      alerts.raise({ kind: 'credential_refused', provider, webhookId, summary });
    },
    again: (name: string): void => void told.delete(name),
  };
};
