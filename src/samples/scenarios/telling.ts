/**
 * Tells the life of one payment with the sample events of its provider. Every sample is built with the same randomness, so
 * all of them speak of the same order, buyer and ids; only the time and the event's own id differ.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/read-json.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { Money } from '../../payments/money.ts';
import { bodyBytes, type SampleInput, sampleNamed } from '../samples.ts';
import type { LifeInput, PlannedPayment, ScenarioPayment, ScenarioWebhook } from './scenario.ts';
import { createSeededRandomness } from './seeded-randomness.ts';

/** The value with the member at `path` replaced by what `change` makes of it. Throws for a path that is not there. */
const changeAt = (
  value: JsonValue,
  path: readonly (string | number)[],
  change: (object: JsonObject) => JsonObject,
): JsonValue => {
  const [first, ...rest] = path;
  if (first === undefined) {
    if (!isJsonObject(value)) throw new TypeError('a sample has no object where a scenario changes one');
    return change(value);
  }
  if (Array.isArray(value)) return value.map((item, index) => (index === first ? changeAt(item, rest, change) : item));
  if (!isJsonObject(value) || value[first] === undefined) throw new TypeError(`a sample has no member ${first}`);
  return { ...value, [first]: changeAt(value[first], rest, change) };
};

/** The value with one id in the place of another, wherever it stands, inside other texts too. */
export const renameIds = (value: JsonObject, ids: Readonly<Record<string, string>>): JsonObject => {
  let text = JSON.stringify(value);
  for (const [from, to] of Object.entries(ids)) text = text.replaceAll(from, to);
  return JSON.parse(text);
};

/** The samples of all providers but Adyen are in dollars. */
export const usd = (minor: number): Money => ({ minor: BigInt(minor), currency: 'USD', exponent: 2 });

export interface Telling {
  /** Adds the sample of that type, as it happened at `at`; `change` is given the object that the event is about. */
  readonly tell: (eventType: string, at: EpochMs, change?: (object: JsonObject) => JsonObject) => void;
  /** What a sample of this life would be built from: for a scene with the same ids and amounts. */
  readonly inputAt: (at: EpochMs) => SampleInput;
  /** The life as it was told. It was paid in full and nothing came after, but for what `planned` says. */
  readonly end: (paymentId: string, asked: Money, planned?: Partial<PlannedPayment>) => ScenarioPayment;
}

/** `objectPath` is where in its events the provider puts the object that they are about. */
export const createTelling = (
  provider: string,
  { key }: LifeInput,
  objectPath: (eventType: string) => readonly (string | number)[],
): Telling => {
  const webhooks: ScenarioWebhook[] = [];
  const inputAt = (at: EpochMs): SampleInput => ({
    eventId: `${key}/${webhooks.length}`,
    now: at,
    randomness: createSeededRandomness(key),
  });
  return {
    inputAt,
    end: (paymentId, asked, planned) => ({
      provider,
      paymentId,
      asked,
      webhooks,
      planned: { status: 'succeeded', captured: asked.minor, refunded: 0n, disputed: 0n, disputes: [], ...planned },
    }),
    tell: (eventType, at, change = (object) => object) => {
      const sample = sampleNamed(provider, eventType);
      if (sample === undefined) throw new TypeError(`${provider} has no sample ${eventType}`);
      const body = changeAt(sample.build(inputAt(at)), objectPath(eventType), change);
      webhooks.push({ provider, eventType, body: bodyBytes(provider, body) });
    },
  };
};
