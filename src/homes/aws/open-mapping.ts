/** What webhooks mean, with the settings of providers that the bundle carries. */
import type { BakedSettings } from '../../config/baked-settings.ts';
import { createPaymentMapping, type PaymentMapping } from '../../payments/map-webhook.ts';
import { MAPPINGS } from '../../providers/mappings.ts';

export const openMapping = ({ providers }: Pick<BakedSettings, 'providers'>): PaymentMapping =>
  createPaymentMapping(MAPPINGS, (provider) => providers.find(({ name }) => name === provider)?.settings);
