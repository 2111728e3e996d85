/** What the configuration says about Adyen. Only the mapping reads it. */
import { z } from 'zod';
import type { ProviderSettings } from '../provider-settings.ts';

export interface AdyenConfig {
  /**
   * Your Adyen account captures by itself after authorising: then an authorisation is a payment. Nothing in a webhook
   * tells. @default false
   */
  readonly isCaptureAutomatic?: boolean;
}

const schema = z.strictObject({ isCaptureAutomatic: z.boolean().default(false) });

export type AdyenSettings = z.output<typeof schema>;

export const adyenSettings: ProviderSettings<AdyenSettings, AdyenSettings> = {
  schema,
  settingsOf: ({ file }) => file,
};

// Does not compile when the schema refuses what the documented type allows.
void ((config: AdyenConfig): z.input<typeof schema> => config);
