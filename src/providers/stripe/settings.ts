/** What the configuration says about Stripe. */
import { z } from 'zod';
import type { ProviderSettings } from '../provider-settings.ts';
import { ofSavedTolerance, toleranceSeconds } from '../tolerance-settings.ts';

export interface StripeConfig {
  /** Seconds that the signed timestamp may differ from our clock, either way. @default 300 */
  readonly toleranceSeconds?: number;
}

const schema = z.strictObject({ toleranceSeconds });

export type StripeSettings = z.output<typeof schema>;

export const stripeSettings: ProviderSettings<StripeSettings, StripeSettings> = {
  schema,
  settingsOf: ({ file }) => file,
  ofSaved: ofSavedTolerance,
};

// Does not compile when the schema refuses what the documented type allows.
void ((config: StripeConfig): z.input<typeof schema> => config);
