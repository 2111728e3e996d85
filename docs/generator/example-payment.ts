/** The payment that the documents show: one scenario of the command line, mapped and added up as the product does it. */

import { readExactJson } from '../../src/payments/exact-json.ts';
import { createPaymentMapping } from '../../src/payments/map-webhook.ts';
import type { PaymentView } from '../../src/payments/payment.ts';
import type { PaymentChangeEvent } from '../../src/payments/payment-event.ts';
import { paymentOf } from '../../src/payments/reduce-payment.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import type { ScenarioWebhook } from '../../src/samples/scenarios/scenario.ts';
import { paymentsOf, scenarioNamed } from '../../src/samples/scenarios/scenarios.ts';

const mapping = createPaymentMapping(MAPPINGS, () => undefined);
const NOW = Date.UTC(2026, 2, 4, 12, 34, 56);

const eventsOf = ({ provider: name, body }: ScenarioWebhook): readonly PaymentChangeEvent[] => {
  const provider = providerNamed(name);
  const parsed = provider?.parse(
    { body, headers: new Map(), method: 'POST', query: '', publicUrl: null },
    { outcome: 'verified', secretId: 'documents', isSimulated: false, transmission: null },
  );
  if (parsed?.outcome !== 'parsed') throw new Error('the sample cannot be parsed');
  return parsed.events.flatMap((event) => {
    const read = readExactJson(event.payload ?? body);
    if (read.outcome !== 'read') throw new Error('the sample is not JSON');
    const webhook = {
      ...event,
      webhookId: `${name}:${event.dedupeKey}`,
      provider: name,
      timestamp: event.eventAt ?? 0,
    };
    const mapped = mapping.map(webhook, read.value);
    if (mapped.outcome !== 'events') throw new Error(`the sample ${event.eventType} gives no events`);
    return mapping.changesOf(mapped.events).payments.flatMap(({ events }) => events);
  });
};

export interface ExamplePayment {
  readonly scenario: string;
  /** In the order of what happened. */
  readonly events: readonly PaymentChangeEvent[];
  readonly view: PaymentView;
}

export const examplePayment = (): ExamplePayment => {
  const name = 'stripe-checkout-refund';
  const scenario = scenarioNamed(name);
  const [payment] =
    scenario === undefined ? [] : paymentsOf(scenario, { key: 'documents', now: NOW, settingsOf: () => undefined });
  if (payment === undefined) throw new Error(`there is no scenario ${name}`);
  const events = payment.webhooks.flatMap(eventsOf);
  return { scenario: name, events, view: paymentOf(events).view };
};
