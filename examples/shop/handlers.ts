/**
 * What the shop does when money moves. Each handler may be called more than once for the same event, and events may come
 * in any order: so each one writes down, in the same transaction as its effect, that it has had it.
 */
import { done, type EventContext, type HandlerOutcome, type Money, on, type PaymentEvent, retryIn } from 'payhook';
import { type Order, openShop } from './shop.ts';

// biome-ignore lint/style/noProcessEnv: where the shop's database is, is not a setting of Payhook.
const shop = openShop(process.env.SHOP_DATABASE ?? 'shop.db');

/**
 * The order that the event is about. The shop has noted the payment's id with the order when the buyer began to pay; an
 * event may know its payment by another id (PayPal's refund knows only the capture), but the payment knows all of them.
 */
const orderOf = ({ provider }: PaymentEvent, { payment }: EventContext): Order | undefined =>
  payment?.names.map(({ id }) => shop.orderOfPayment(provider, id)).find((order) => order !== undefined);

/**
 * Does something with the order, once and never again for this handler and event. An order that is not known is mostly
 * that of an event which came before the one that connects the two. If it still is unknown after all attempts, the
 * webhook becomes a dead letter: money that belongs to no order is something for a person.
 */
const once = (
  handler: string,
  event: PaymentEvent,
  context: EventContext,
  effect: (order: Order) => void,
): HandlerOutcome => {
  const order = orderOf(event, context);
  if (order === undefined) return retryIn(1000, 'no order is known for this payment yet');
  shop.once(context.idempotencyId, handler, () => effect(order));
  return done();
};

const negative = (money: Money): Money => ({ ...money, minor: -money.minor });

/** An amount without its currency is not an amount: 100 JPY are not 100 USD. */
const isPaidInFull = (order: Order, captured: Money): boolean =>
  captured.currency === order.currency && captured.exponent === order.exponent && captured.minor >= order.minor;

/** Ships when all of the money is there. Several events may say so, as where a payment is captured in parts. */
export const shipOrder = on('payment.succeeded', (event, context) =>
  once('shipOrder', event, context, (order) => {
    const captured = context.payment?.captured ?? null;
    if (captured !== null && isPaidInFull(order, captured)) shop.ship(order);
  }),
);

/** A handler of its own: when it fails, it alone is called again. */
export const bookSale = on('payment.succeeded', (event, context) =>
  once('bookSale', event, context, (order) => shop.book(order, 'sale', event.amount)),
);

/** An attempt failed, not the payment: nothing is canceled. The buyer is asked, unless it has worked by now. */
export const askForAnotherCard = on('payment.failed', (event, context) =>
  once('askForAnotherCard', event, context, (order) => {
    if (context.payment?.status === 'failed') shop.note(order, `declined: ${event.reason ?? 'no reason given'}`);
  }),
);

export const cancelOrder = on('payment.canceled', (event, context) =>
  once('cancelOrder', event, context, (order) => shop.cancel(order)),
);

/** `refund.pending` says that a refund was begun, `payment.refund_total` how much it is in all: neither is booked. */
export const bookRefund = on('refund.succeeded', (event, context) =>
  once('bookRefund', event, context, (order) => shop.book(order, 'refund', negative(event.amount))),
);

/** The provider took the money back by itself, as PayPal does after a chargeback. */
export const bookReversal = on('payment.reversed', (event, context) =>
  once('bookReversal', event, context, (order) => shop.book(order, 'reversal', negative(event.amount))),
);

/** Time to collect evidence. An inquiry only asks. */
export const noteDispute = on('dispute.opened', (event, context) =>
  once('noteDispute', event, context, (order) => {
    shop.note(order, `${event.isInquiry ? 'inquiry' : 'dispute'}: ${event.reason ?? 'no reason given'}`);
  }),
);

/** A dispute that is lost is a loss; one that is won costs nothing but the work. */
export const endDispute = on('dispute.closed', (event, context) =>
  once('endDispute', event, context, (order) => {
    shop.note(order, `dispute ${event.outcome}`);
    if (event.outcome === 'lost' && event.amount !== null) shop.book(order, 'dispute lost', negative(event.amount));
  }),
);
