/** What the configuration says about Stripe. */
import { z } from 'zod';
import type { ProviderSettings } from '../provider-settings.ts';
import { type ToleranceConfig, type ToleranceSettings, toleranceSeconds } from '../tolerance-settings.ts';

export interface StripeConfig extends ToleranceConfig {
  /**
   * Fetch what a thin event names from Stripe's API, for handlers that are called with webhooks (`webhook.fetched`). Needs
   * `PAYHOOK_STRIPE_API_CREDENTIALS`, on AWS the secret `stripe-api`, with the right to read such objects. @default false
   */
  readonly areThinEventsFetched?: boolean;
  /**
   * Ask Stripe’s API for the present state where an event names no payment, or the events of a payment contradict each other. What it
   * says attributes the event and is kept with the webhook; no amount changes by it. Needs `PAYHOOK_STRIPE_API_CREDENTIALS`, on AWS
   * the secret `stripe-api`, with the right to read such objects. @default false
   */
  readonly isPresentStateAsked?: boolean;
}

export interface StripeSettings extends ToleranceSettings {
  /** @default false */
  readonly areThinEventsFetched?: boolean;
  /** @default false */
  readonly isPresentStateAsked?: boolean;
}

const schema = z.strictObject({
  toleranceSeconds,
  areThinEventsFetched: z.boolean().default(false),
  isPresentStateAsked: z.boolean().default(false),
});

export const stripeSettings: ProviderSettings<StripeSettings, z.output<typeof schema>> = {
  schema,
  settingsOf: ({ file }) => file,
  ofSaved: (settings, saved) => ({
    ...settings,
    toleranceSeconds: saved.toleranceSeconds ?? settings.toleranceSeconds,
  }),
};

// Does not compile when the schema refuses what the documented type allows.
void ((config: StripeConfig): z.input<typeof schema> => config);
