/** What each provider knows of its own mistakes, for the doctor: apart from `providers.ts`, so that no edge carries it. */
import type { ProviderDoctor } from '../doctor/what-if.ts';
import { adyenDoctor } from './adyen/doctor.ts';
import { paypalDoctor } from './paypal/doctor.ts';
import { squareDoctor } from './square/doctor.ts';
import { standardWebhooksDoctor } from './standard-webhooks/doctor.ts';
import { stripeDoctor } from './stripe/doctor.ts';

const DOCTORS: ReadonlyMap<string, ProviderDoctor> = new Map<string, ProviderDoctor>([
  ['stripe', stripeDoctor],
  ['paypal', paypalDoctor as ProviderDoctor],
  ['square', squareDoctor],
  ['adyen', adyenDoctor],
  ['standard-webhooks', standardWebhooksDoctor],
]);

/** Undefined for a provider that has none: what all providers share is tried all the same. */
export const doctorOf = (provider: string): ProviderDoctor | undefined => DOCTORS.get(provider);
