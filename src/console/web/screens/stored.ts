/** Webhooks and payments, as lists and one by one, loaded together: each leads to the others. */
import './shared.ts';
import { DeadLetters } from './dead-letters.tsx';
import { Differences } from './differences.tsx';
import { Find } from './find.tsx';
import { PaymentScreen } from './payment.tsx';
import { Payments } from './payments.tsx';
import { WebhookScreen } from './webhook.tsx';
import { Webhooks } from './webhooks.tsx';

export const STORED = { DeadLetters, Differences, Find, PaymentScreen, Payments, WebhookScreen, Webhooks } as const;
