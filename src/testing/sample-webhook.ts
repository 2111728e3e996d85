/** Bodies of webhooks as providers write them, the same in every run. What `payhook send` sends, without a signature. */
import type { EpochMs } from '../core/webhook.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { sampleBody, sampleNamed, samplesOf } from '../samples/samples.ts';
import { paymentsOf, SCENARIOS, scenarioNamed } from '../samples/scenarios/scenarios.ts';
import { createSeededRandomness } from '../samples/scenarios/seeded-randomness.ts';

export interface SampleWebhook {
  readonly provider: string;
  /** The provider's own name, such as `payment_intent.succeeded`. */
  readonly eventType: string;
  /** The bytes as the provider would send them. */
  readonly body: Uint8Array;
}

export interface SampleOptions {
  /** Another key is another webhook, about another payment. @default '1' */
  readonly key?: string;
  /** When it happens; what it speaks of began up to some weeks before. @default 2026-01-15T12:00:00Z */
  readonly now?: EpochMs;
}

export const SAMPLE_NOW: EpochMs = Date.UTC(2026, 0, 15, 12);

/** Throws `TypeError` that names what there is. */
export const sampleWebhook = (provider: string, eventType: string, options: SampleOptions = {}): SampleWebhook => {
  const { key = '1', now = SAMPLE_NOW } = options;
  const sample = sampleNamed(provider, eventType);
  if (sample === undefined) {
    const names = samplesOf(provider).map((one) => one.eventType);
    const known = names.length === 0 ? `a provider: ${PROVIDERS.map(({ name }) => name).join(', ')}` : names.join(', ');
    throw new TypeError(`there is no sample of ${provider} ${eventType}: expected ${known}`);
  }
  const eventId = `${provider}/${eventType}/${key}`;
  const body = sampleBody(provider, sample, { eventId, now, randomness: createSeededRandomness(eventId) });
  return { provider, eventType, body };
};

/** All webhooks of one payment's life, in the order of what happened: `stripe-dispute-lost`. Throws as `sampleWebhook`. */
export const sampleLife = (name: string, options: SampleOptions = {}): readonly SampleWebhook[] => {
  const { key = '1', now = SAMPLE_NOW } = options;
  const scenario = scenarioNamed(name);
  if (scenario === undefined) {
    throw new TypeError(`there is no life called ${name}: expected ${SCENARIOS.map((one) => one.name).join(', ')}`);
  }
  return paymentsOf(scenario, { key, now, settingsOf: () => undefined }).flatMap(({ webhooks }) => webhooks);
};
