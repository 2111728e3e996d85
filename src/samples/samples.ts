/** Finds the sample events of a provider and serialises them as that provider does; what `payhook send` sends. */
import type { JsonValue } from '../core/read-json.ts';
import { adyenSamples } from './adyen-samples.ts';
import { paypalSamples } from './paypal-samples.ts';
import type { Sample, SampleInput } from './sample.ts';
import { squareSamples } from './square-samples.ts';
import { standardWebhooksSamples } from './standard-webhooks-samples.ts';
import { stripeSamples } from './stripe-samples.ts';

export type { Sample, SampleInput } from './sample.ts';

interface ProviderSamples {
  readonly samples: readonly Sample[];
  /** Spaces of indentation in the provider's bodies; 0 is compact. */
  readonly indentSpaces: number;
}

const PROVIDER_SAMPLES: ReadonlyMap<string, ProviderSamples> = new Map([
  ['stripe', { samples: stripeSamples, indentSpaces: 2 }],
  ['paypal', { samples: paypalSamples, indentSpaces: 0 }],
  ['square', { samples: squareSamples, indentSpaces: 0 }],
  ['adyen', { samples: adyenSamples, indentSpaces: 0 }],
  ['standard-webhooks', { samples: standardWebhooksSamples, indentSpaces: 0 }],
]);

/** In the order that help texts show them; empty for a provider without samples. */
export const samplesOf = (provider: string): readonly Sample[] => PROVIDER_SAMPLES.get(provider)?.samples ?? [];

/** Names are compared exactly, as the provider writes them. */
export const sampleNamed = (provider: string, eventType: string): Sample | undefined =>
  samplesOf(provider).find((sample) => sample.eventType === eventType);

/** The UTF-8 bytes of a body, written as the provider writes them: Stripe indents by two spaces, the others send compact JSON. */
export const bodyBytes = (provider: string, body: JsonValue): Uint8Array => {
  const indentSpaces = PROVIDER_SAMPLES.get(provider)?.indentSpaces ?? 0;
  return new TextEncoder().encode(JSON.stringify(body, null, indentSpaces));
};

/** The body of the sample. The same input gives the same bytes. Not signed. */
export const sampleBody = (provider: string, sample: Sample, input: SampleInput): Uint8Array =>
  bodyBytes(provider, sample.build(input));
