/** What the Square objects of one sample event share: ids, money and times. */
import type { SampleInput } from './sample.ts';
import { type Draw, detailDraw } from './sample-draw.ts';
import { drawOrder, type SampleOrder } from './sample-order.ts';
import { utcYear } from './sample-time.ts';

export interface SquareScene {
  readonly input: SampleInput;
  readonly draw: Draw;
  readonly order: SampleOrder;
  readonly merchantId: string;
  readonly locationId: string;
  readonly customerId: string;
  readonly orderId: string;
  readonly paymentId: string;
}

export const createSquareScene = (input: SampleInput): SquareScene => {
  const draw = detailDraw(input);
  return {
    input,
    draw,
    order: drawOrder(draw, utcYear(input.now)),
    merchantId: `ML${draw.upperAlphanumeric(11)}`,
    locationId: `L${draw.upperAlphanumeric(12)}`,
    customerId: draw.upperAlphanumeric(26),
    orderId: `${draw.base62(26)}ZY`,
    paymentId: `${draw.base62(26)}ZY`,
  };
};

export const squareMoney = (amount: number) => ({ amount, currency: 'USD' });

export const squareAddress = ({ order }: SquareScene) => ({
  address_line_1: order.buyer.address.line1,
  locality: order.buyer.address.city,
  administrative_district_level_1: order.buyer.address.state,
  postal_code: order.buyer.address.postalCode,
  country: 'US',
  first_name: order.buyer.givenName,
  last_name: order.buyer.familyName,
});
