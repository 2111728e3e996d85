/** The scenarios that `payhook send scenario` can play. */

import { adyenAuthCaptureRefund } from './adyen-lives.ts';
import { paypalAuthorizeVoid, paypalOrderCaptureRefund } from './paypal-lives.ts';
import type { LifeInput, Scenario, ScenarioPayment } from './scenario.ts';
import { squareDisputeWon, squarePaymentRefund } from './square-lives.ts';
import { stripeCheckoutRefund, stripeDeclineThenSuccess, stripeDisputeLost } from './stripe-lives.ts';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'stripe-checkout-refund',
    summary: 'paid in a checkout, one piece refunded; told by intent, charge, checkout and refund',
    lives: [stripeCheckoutRefund],
  },
  {
    name: 'stripe-decline-then-success',
    summary: 'a card is declined, the next one works',
    lives: [stripeDeclineThenSuccess],
  },
  { name: 'stripe-dispute-lost', summary: 'paid, disputed by the buyer, lost', lives: [stripeDisputeLost] },
  {
    name: 'paypal-order-capture-refund',
    summary: 'an order is approved, captured, and refunded in part',
    lives: [paypalOrderCaptureRefund],
  },
  { name: 'paypal-authorize-void', summary: 'money is reserved and given up', lives: [paypalAuthorizeVoid] },
  { name: 'square-payment-refund', summary: 'paid, one piece refunded', lives: [squarePaymentRefund] },
  { name: 'square-dispute-won', summary: 'paid, disputed by the buyer, won', lives: [squareDisputeWon] },
  {
    name: 'adyen-auth-capture-refund',
    summary: 'authorised, captured, one piece refunded',
    lives: [adyenAuthCaptureRefund],
  },
  {
    name: 'three-providers',
    summary: 'all lives at Stripe, PayPal and Square in turn; for many payments with --count',
    lives: [
      stripeCheckoutRefund,
      paypalOrderCaptureRefund,
      squarePaymentRefund,
      stripeDeclineThenSuccess,
      paypalAuthorizeVoid,
      squareDisputeWon,
      stripeDisputeLost,
    ],
  },
];

export const scenarioNamed = (name: string): Scenario | undefined =>
  SCENARIOS.find((scenario) => scenario.name === name);

/** `count` payments, each with ids and amounts of its own. Without a count each life of the scenario once. */
export const paymentsOf = (scenario: Scenario, input: LifeInput, count = scenario.lives.length): ScenarioPayment[] =>
  Array.from({ length: count }, (_, index) => {
    const life = scenario.lives[index % scenario.lives.length] ?? scenario.lives[0];
    return life({ ...input, key: `${input.key}/${index}` });
  });
