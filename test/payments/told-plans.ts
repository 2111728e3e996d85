/**
 * Plans of payments as each provider would tell them, with what they have to add up to. The provider is simulated:
 * amounts that an object says are those of the moment of the event.
 */
import fc from 'fast-check';
import { adyenPlan } from './adyen-plan.ts';
import { paypalPlan } from './paypal-plan.ts';
import { plan, type ToldPlan } from './plan.ts';
import { squarePlan } from './square-plan.ts';
import { stripePlan } from './stripe-plan.ts';

/** A plan as any of the providers tells it. */
export const toldPlan: fc.Arbitrary<ToldPlan> = fc
  .tuple(plan, fc.constantFrom(stripePlan, paypalPlan, squarePlan, adyenPlan))
  .map(([from, tellPlan]) => tellPlan(from));
