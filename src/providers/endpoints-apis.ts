/** The providers whose API keeps endpoints: beside `events-apis.ts`, with the same credentials. */
import type { EndpointsApi } from './endpoints-api.ts';
import { paypalEndpointsApi } from './paypal/endpoints-api.ts';
import { squareEndpointsApi } from './square/endpoints-api.ts';
import { stripeEndpointsApi } from './stripe/endpoints-api.ts';

export const ENDPOINTS_APIS: readonly EndpointsApi[] = [stripeEndpointsApi, paypalEndpointsApi, squareEndpointsApi];
