/** What the PayPal resources of one sample event share: ids, parties, money and links. */
import type { JsonObject } from '../core/read-json.ts';
import type { SampleInput } from './sample.ts';
import { type Draw, detailDraw } from './sample-draw.ts';
import { cardFee, decimalText, drawOrder, type SampleOrder } from './sample-order.ts';
import { utcYear } from './sample-time.ts';

/** The host of sandbox events; nothing else in a PayPal body says that it is a test. */
const PAYPAL_API = 'https://api.sandbox.paypal.com';

export interface PaypalScene {
  readonly input: SampleInput;
  readonly draw: Draw;
  readonly order: SampleOrder;
  /** What PayPal keeps of `order.total`. */
  readonly fee: number;
  readonly orderId: string;
  readonly authorizationId: string;
  readonly captureId: string;
  readonly payerId: string;
  readonly merchantId: string;
  readonly merchantEmail: string;
}

/** 17 capitals and digits, as of orders, captures, refunds and sales. */
export const paypalId = (draw: Draw): string => draw.upperAlphanumeric(17);

export const createPaypalScene = (input: SampleInput): PaypalScene => {
  const draw = detailDraw(input);
  const order = drawOrder(draw, utcYear(input.now));
  return {
    input,
    draw,
    order,
    fee: cardFee(order.total),
    orderId: paypalId(draw),
    authorizationId: paypalId(draw),
    captureId: paypalId(draw),
    payerId: draw.upperAlphanumeric(13),
    merchantId: draw.upperAlphanumeric(13),
    merchantEmail: 'merchant@shop.example.com',
  };
};

/** Money in version 2 of the API. */
export const money = (minorUnits: number) => ({ currency_code: 'USD', value: decimalText(minorUnits) });

/** Money in version 1, where the word for the amount differs from place to place. */
export const moneyV1 = (minorUnits: number) => ({ value: decimalText(minorUnits), currency: 'USD' });

export const link = (path: string, rel: string, method = 'GET') => ({ href: `${PAYPAL_API}${path}`, rel, method });

export const payee = (scene: PaypalScene) => ({
  email_address: scene.merchantEmail,
  merchant_id: scene.merchantId,
});

export const payerName = ({ order }: PaypalScene) => ({
  given_name: order.buyer.givenName,
  surname: order.buyer.familyName,
});

export const portableAddress = ({ order }: PaypalScene) => ({
  address_line_1: order.buyer.address.line1,
  admin_area_2: order.buyer.address.city,
  admin_area_1: order.buyer.address.state,
  postal_code: order.buyer.address.postalCode,
  country_code: 'US',
});

export const sellerProtection: JsonObject = {
  status: 'ELIGIBLE',
  dispute_categories: ['ITEM_NOT_RECEIVED', 'UNAUTHORIZED_TRANSACTION'],
};
