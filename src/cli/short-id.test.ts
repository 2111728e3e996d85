import { describe, expect, test } from 'vitest';
import { endOfShortId, shortId } from './short-id.ts';

describe('shortId', () => {
  test.each([
    ['stripe:evt_1bs4T2cdVCNOnSIO5K0XsXYV', '…5K0XsXYV'],
    ['adyen:PayhookSampleECOM:TP05QP25I2CJR4QE:AUTHORISATION:true', '…I2CJR4QE:AUTHORISATION:true'],
    ['paypal:WH-M74R4TG5LPXPASI4J-STVTNW43RKNC3RQLO', '…KNC3RQLO'],
    ['stripe:evt_1', 'stripe:evt_1'],
    ['standard-webhooks:msg-abcdefghijklmnop', '…ijklmnop'],
  ])('of %s is %s', (webhookId, short) => {
    expect(shortId(webhookId)).toBe(short);
    const end = endOfShortId(short);
    expect(end !== null && webhookId.endsWith(end)).toBe(true);
  });

  test('an end of a few characters means no webhook', () => {
    expect([endOfShortId('…XYV'), endOfShortId('evt_1')]).toEqual([null, null]);
  });
});
