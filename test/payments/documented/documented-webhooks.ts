/** Every documented body as a webhook of its provider. */
import { adyenPlatformWebhook, paypalEvent, squareEvent, stripeEvent, type Wire } from '../webhooks.ts';
import { ADYEN_ITEMS, ADYEN_PLATFORM_BODIES } from './adyen-bodies.ts';
import type { DocumentedBody } from './documented-body.ts';
import { PAYPAL_BODIES } from './paypal-bodies.ts';
import { SQUARE_BODIES } from './square-bodies.ts';
import { STRIPE_BODIES } from './stripe-bodies.ts';
import { STRIPE_FIXTURE_BODIES } from './stripe-fixture-bodies.ts';

export interface DocumentedWebhook {
  readonly provider: string;
  readonly type: string;
  readonly object: DocumentedBody['object'];
  /** The webhook around an object: that of the documents, or one that a test made of it. */
  readonly around: (object: object) => Wire;
}

const webhooksOf = <B extends DocumentedBody>(
  provider: string,
  bodies: readonly B[],
  around: (type: string, object: object, body: B) => Wire,
): readonly DocumentedWebhook[] =>
  bodies.flatMap((body) =>
    body.types.map((type) => ({
      provider,
      type,
      object: body.object,
      around: (object: object) => around(type, object, body),
    })),
  );

const itemOf = (eventCode: string, item: object): Wire => ({
  live: 'false',
  notificationItems: [{ NotificationRequestItem: { ...item, eventCode } }],
});

export const DOCUMENTED_WEBHOOKS: readonly DocumentedWebhook[] = [
  ...webhooksOf('stripe', STRIPE_BODIES, stripeEvent),
  ...webhooksOf('stripe', STRIPE_FIXTURE_BODIES, stripeEvent),
  ...webhooksOf('paypal', PAYPAL_BODIES, paypalEvent),
  ...webhooksOf('square', SQUARE_BODIES, (type, object, { kind }) => squareEvent(type, kind, object)),
  ...webhooksOf('adyen', ADYEN_ITEMS, itemOf),
  ...webhooksOf('adyen', ADYEN_PLATFORM_BODIES, adyenPlatformWebhook),
];
