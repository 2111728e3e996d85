/**
 * Ids as Stripe makes them: after the prefix and its version follow the second in which the object was made, ten characters of
 * the account and eight drawn ones. So what comes one after the other stands beside each other in an index; ids that are drawn
 * as a whole would have each webhook read and write pages that no other one needs.
 *
 * Read off the ids in Stripe's own reference beside the `created` of the same object, and six public ones of other accounts:
 * evt_1 NG8Du 2eZvKYlo2C UI79vXWy is of 1686089970, pi_3 MtwBw LkdIwHu7ix 28a3tqPa of 1680800504.
 * https://docs.stripe.com/api/events/object, https://docs.stripe.com/api/payment_intents/object
 */
import { randomBytes } from 'node:crypto';
import { SECOND_MS } from '../src/core/time.ts';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The second that five zeros stand for. */
const FIRST_SECOND = 1_342_389_380;
const SECOND_CHARS = 5;
const ACCOUNT = '2eZvKYlo2C';
const DRAWN_CHARS = 8;

/** What stands behind the version. */
export const STRIPE_ID_CHARS = SECOND_CHARS + ACCOUNT.length + DRAWN_CHARS;

/** The end of the ids of one object and what belongs to it. */
export const stripeIdEnd = (madeAt: number): string => {
  let left = Math.floor(madeAt / SECOND_MS) - FIRST_SECOND;
  let second = '';
  for (let place = 0; place < SECOND_CHARS; place += 1) {
    second = DIGITS[left % DIGITS.length] + second;
    left = Math.floor(left / DIGITS.length);
  }
  const drawn = Array.from(randomBytes(DRAWN_CHARS), (byte) => DIGITS[byte % DIGITS.length]);
  return `${second}${ACCOUNT}${drawn.join('')}`;
};
