/** Lives of payments as Adyen tells them. A capture and a refund have references of their own and name the payment. */
import type { JsonObject } from '../../core/read-json.ts';
import { DAY_MS, HOUR_MS } from '../../core/time.ts';
import { detailDraw, identityDraw } from '../sample-draw.ts';
import { drawOrder } from '../sample-order.ts';
import { utcYear } from '../sample-time.ts';
import type { Life, LifeInput } from './scenario.ts';
import { createTelling } from './telling.ts';

/** Then an authorisation is a payment, and no capture is told. */
const isCaptureAutomatic = ({ settingsOf }: LifeInput): boolean => {
  const settings = settingsOf('adyen');
  return typeof settings === 'object' && settings !== null && Reflect.get(settings, 'isCaptureAutomatic') === true;
};

/** Authorised, captured when it is shipped, one piece refunded two days later. */
export const adyenAuthCaptureRefund: Life = (input) => {
  const { tell, inputAt, end } = createTelling('adyen', input, () => [
    'notificationItems',
    0,
    'NotificationRequestItem',
  ]);
  const order = drawOrder(detailDraw(inputAt(input.now)), utcYear(input.now));
  const paymentReference = identityDraw({ eventId: input.key }).upperAlphanumeric(16);
  const ofPayment = (item: JsonObject): JsonObject => ({ ...item, originalReference: paymentReference });
  const authorisedAt = input.now - 3 * DAY_MS;
  tell('AUTHORISATION', authorisedAt, (item) => ({ ...item, pspReference: paymentReference }));
  if (!isCaptureAutomatic(input)) tell('CAPTURE', authorisedAt + HOUR_MS, ofPayment);
  tell('REFUND', input.now - HOUR_MS, (item) => ({
    ...ofPayment(item),
    amount: { currency: 'EUR', value: order.item.unitAmount },
  }));
  const asked = { minor: BigInt(order.total), currency: 'EUR', exponent: 2 };
  return end(paymentReference, asked, { refunded: BigInt(order.item.unitAmount) });
};
