/** Finds the sample events of a provider and serialises them as that provider does; what `payhook send` sends. */
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

/**
 * The UTF-8 bytes of the sample, written as the provider writes them: Stripe indents by two spaces, the others send
 * compact JSON. The same input gives the same bytes. Not signed.
 */
export const sampleBody = (provider: string, sample: Sample, input: SampleInput): Uint8Array => {
  const indentSpaces = PROVIDER_SAMPLES.get(provider)?.indentSpaces ?? 0;
  return new TextEncoder().encode(JSON.stringify(sample.build(input), null, indentSpaces));
};
