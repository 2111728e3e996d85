/** The providers whose API lists payments: beside `events-apis.ts`, with the same credentials. */
import type { ObjectsApi } from './objects-api.ts';
import { paypalObjectsApi } from './paypal/objects-api.ts';
import { squareObjectsApi } from './square/objects-api.ts';
import { stripeObjectsApi } from './stripe/objects-api.ts';

export const OBJECTS_APIS: readonly ObjectsApi[] = [stripeObjectsApi, paypalObjectsApi, squareObjectsApi];
