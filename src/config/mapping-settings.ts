/** What the configuration says about how webhooks are mapped to payment events. */
import type { MappingSettings } from '../payments/mapping.ts';
import type { CompleteConfig } from './schema.ts';

export const mappingSettingsOf = ({ providers }: Pick<CompleteConfig, 'providers'>): MappingSettings => ({
  isAdyenCaptureAutomatic: providers.adyen?.isCaptureAutomatic ?? false,
});
