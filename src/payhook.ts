/** What a team's own files import as `payhook`: the configuration, the handlers, and the types that they are called with. */
export { type DestinationConfig, defineConfig, type PayhookConfig } from './config/define-config.ts';
export {
  done,
  giveUp,
  type HandledWebhook,
  type Handler,
  type HandlerContext,
  type HandlerOutcome,
  ignore,
  retryIn,
} from './handlers/handler.ts';
export {
  type EventCall,
  type EventContext,
  type EventFilter,
  type EventHandler,
  type EventMatching,
  type EventPattern,
  on,
} from './handlers/on.ts';
export type { Money } from './payments/money.ts';
export type { PaymentFlag, PaymentStatus, PaymentView } from './payments/payment.ts';
export type { PaymentEvent, PaymentEventOf, PaymentEventType } from './payments/payment-event.ts';
