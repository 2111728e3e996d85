/** The providers whose API lists events, for reconciliation: apart from `providers.ts`, so that no edge carries it. */
import type { EventsApi } from './events-api.ts';
import { paypalEventsApi } from './paypal/events-api.ts';
import { squareEventsApi } from './square/events-api.ts';
import { stripeEventsApi } from './stripe/events-api.ts';

export const EVENTS_APIS: readonly EventsApi[] = [stripeEventsApi, paypalEventsApi, squareEventsApi];

/** What the credentials of an API are called where secrets are named: `stripe-api`. */
export const credentialsNameOf = ({ provider }: Pick<EventsApi, 'provider'>): string => `${provider}-api`;

/** By that name. */
export const apiNamed = (credentials: string): EventsApi | undefined =>
  EVENTS_APIS.find((api) => credentialsNameOf(api) === credentials);
