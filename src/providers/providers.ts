/** Every provider that Payhook knows, as the edge needs it. A new one is a folder beside this, a line here and one in each other list. */
import type { Provider } from '../core/ports/provider.ts';
import { adyen } from './adyen/adyen.ts';
import { paypal } from './paypal/paypal.ts';
import { square } from './square/square.ts';
import { standardWebhooks } from './standard-webhooks/standard-webhooks.ts';
import { stripe } from './stripe/stripe.ts';

export const PROVIDERS: readonly [Provider, ...Provider[]] = [stripe, paypal, square, adyen, standardWebhooks];

/** What the stack knows of one: it imports nothing of the ports. */
export type KnownProvider = (typeof PROVIDERS)[number];

const providersByName: ReadonlyMap<string, Provider> = new Map(PROVIDERS.map((provider) => [provider.name, provider]));

/** The provider with exactly this name; undefined when there is none. */
export const providerNamed = (name: string): Provider | undefined => providersByName.get(name);
