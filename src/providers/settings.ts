/** What the configuration asks for each provider, in the order of `providers.ts`. For the configuration only: it needs zod. */
import { adyen } from './adyen/adyen.ts';
import { type AdyenConfig, adyenSettings } from './adyen/settings.ts';
import { paypal } from './paypal/paypal.ts';
import { type PaypalConfig, paypalSettings } from './paypal/settings.ts';
import { type ConfigurableProvider, configurable } from './provider-settings.ts';
import { type SquareConfig, squareSettings } from './square/settings.ts';
import { square } from './square/square.ts';
import { type StandardWebhooksConfig, standardWebhooksSettings } from './standard-webhooks/settings.ts';
import { standardWebhooks } from './standard-webhooks/standard-webhooks.ts';
import { type StripeConfig, stripeSettings } from './stripe/settings.ts';
import { stripe } from './stripe/stripe.ts';

export const CONFIGURABLE_PROVIDERS: readonly ConfigurableProvider[] = [
  configurable(stripe, stripeSettings),
  configurable(paypal, paypalSettings),
  configurable(square, squareSettings),
  configurable(adyen, adyenSettings),
  configurable(standardWebhooks, standardWebhooksSettings),
];

/** `providers` of the configuration file. */
export interface ProvidersConfig {
  readonly stripe?: StripeConfig;
  readonly paypal?: PaypalConfig;
  readonly square?: SquareConfig;
  readonly adyen?: AdyenConfig;
  readonly 'standard-webhooks'?: StandardWebhooksConfig;
}
