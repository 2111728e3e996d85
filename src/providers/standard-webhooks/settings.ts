/** What the configuration says about senders that follow Standard Webhooks. */
import { type ToleranceConfig, type ToleranceSettings, toleranceSettings } from '../tolerance-settings.ts';

export type StandardWebhooksConfig = ToleranceConfig;
export type StandardWebhooksSettings = ToleranceSettings;
export const standardWebhooksSettings = toleranceSettings;
