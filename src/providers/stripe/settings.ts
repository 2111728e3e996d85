/** What the configuration says about Stripe. */
import { type ToleranceConfig, type ToleranceSettings, toleranceSettings } from '../tolerance-settings.ts';

export type StripeConfig = ToleranceConfig;
export type StripeSettings = ToleranceSettings;
export const stripeSettings = toleranceSettings;
