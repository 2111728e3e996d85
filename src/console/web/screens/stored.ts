/**
 * Webhooks and payments, as lists and one by one, and what is done with many of them: loaded together, for each leads to the
 * others, a cause to what would happen, that to the job, and the job to who decides.
 */
import { ActOnMany } from './act-on-many.tsx';
import { Approvals } from './approvals.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { Differences } from './differences.tsx';
import { Find } from './find.tsx';
import { JobScreen } from './job.tsx';
import { Jobs } from './jobs.tsx';
import { PaymentScreen } from './payment.tsx';
import { Payments } from './payments.tsx';
import { WebhookScreen } from './webhook.tsx';
import { Webhooks } from './webhooks.tsx';

export const STORED = {
  ActOnMany,
  Approvals,
  DeadLetters,
  Differences,
  Find,
  JobScreen,
  Jobs,
  PaymentScreen,
  Payments,
  WebhookScreen,
  Webhooks,
} as const;
