/** The providers whose API lists events, for reconciliation: apart from `providers.ts`, so that no edge carries it. */
import type { EventsApi } from './events-api.ts';
import { paypalEventsApi } from './paypal/events-api.ts';
import { squareEventsApi } from './square/events-api.ts';
import { stripeEventsApi } from './stripe/events-api.ts';

export const EVENTS_APIS: readonly EventsApi[] = [stripeEventsApi, paypalEventsApi, squareEventsApi];
