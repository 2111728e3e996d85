/** What each provider's events mean, in the order of `providers.ts`. For processing, which is handed it. */
import type { ProviderMapping } from '../payments/mapping.ts';
import { adyenMapping } from './adyen/mapping/mapping.ts';
import { paypalMapping } from './paypal/mapping/mapping.ts';
import { squareMapping } from './square/mapping/mapping.ts';
import { standardWebhooksMapping } from './standard-webhooks/mapping/mapping.ts';
import { stripeMapping } from './stripe/mapping/mapping.ts';

export const MAPPINGS: readonly ProviderMapping[] = [
  stripeMapping,
  paypalMapping,
  squareMapping,
  adyenMapping,
  standardWebhooksMapping,
];
