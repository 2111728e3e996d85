/**
 * Whole lives of payments, as each provider would tell them, with what they have to add up to. The provider is simulated:
 * amounts that an object says are those of the moment of the event.
 */
import fc from 'fast-check';
import { adyenScenario } from './adyen-scenario.ts';
import { paypalScenario } from './paypal-scenario.ts';
import { plan, type Scenario } from './scenario-plan.ts';
import { squareScenario } from './square-scenario.ts';
import { stripeScenario } from './stripe-scenario.ts';

/** A life of a payment at any of the providers. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .tuple(plan, fc.constantFrom(stripeScenario, paypalScenario, squareScenario, adyenScenario))
  .map(([from, scenarioOf]) => scenarioOf(from));
