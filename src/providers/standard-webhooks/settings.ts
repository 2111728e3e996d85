/** What the configuration says about senders that follow Standard Webhooks. */
import { z } from 'zod';
import type { ProviderSettings } from '../provider-settings.ts';
import { ofSavedTolerance, toleranceSeconds } from '../tolerance-settings.ts';

export interface StandardWebhooksConfig {
  /** Seconds that the signed timestamp may differ from our clock, either way. @default 300 */
  readonly toleranceSeconds?: number;
}

const schema = z.strictObject({ toleranceSeconds });

export type StandardWebhooksSettings = z.output<typeof schema>;

export const standardWebhooksSettings: ProviderSettings<StandardWebhooksSettings, StandardWebhooksSettings> = {
  schema,
  settingsOf: ({ file }) => file,
  ofSaved: ofSavedTolerance,
};

// Does not compile when the schema refuses what the documented type allows.
void ((config: StandardWebhooksConfig): z.input<typeof schema> => config);
