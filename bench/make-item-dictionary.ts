/**
 * `node bench/make-item-dictionary.ts <number>`: writes `src/adapters/aws/dynamodb/item-dictionary-<number>.ts`, what packed
 * attributes are compressed with. A dictionary that was released is never written again: items are read with nothing else.
 */
import { writeDictionary } from './write-dictionary.ts';

/** What stands in items again and again, the likeliest last. */
const TEXTS = [
  '"names":{"L":[{"S":"pi_3"},{"S":"ch_3"}]},"anchor":{"S":"pi_3"},"account":{"S":"acct_1"},"storedAt":{"N":"17"},"changedAt":{"N":"17"}',
  '"providerEventId":{"NULL":true},"isSimulated":{"BOOL":true},"synthetic":{"S":"kept"},"cardData":{"L":[{"N":"1"},{"N":"0"}]}',
  '"lastError":{"S":"Error: "},"nextAttemptAt":{"N":"17"},"changeReason":{"S":"handler_failed"},"changedBy":{"S":"operator:arn:aws:iam::"}',
  '"headers":{"M":{"user-agent":{"S":"Mozilla/5.0"},"paypal-transmission-id":{"S":"\x02"},"paypal-transmission-time":{"S":"20',
  '"paypal-cert-url":{"S":"https://api.paypal.com/v1/notifications/certs/CERT-360caa42-"},"paypal-auth-algo":{"S":"SHA256withRSA"}',
  '"paypal-transmission-sig":{"S":"","square-environment":{"S":"Production"},"webhook-id":{"S":"msg_"},"webhook-timestamp":{"S":"17',
  '"provider":{"S":"paypal"},"eventType":{"S":"PAYMENT.CAPTURE.COMPLETED"},"provider":{"S":"square"},"eventType":{"S":"payment.updated"}',
  '"provider":{"S":"adyen"},"eventType":{"S":"AUTHORISATION"},"ordering":{"L":[{"S":"version"},{"N":"1"}]}',
  '"changedBy":{"S":"component:processor"},"changes":{"L":[{"N":"17"}]},"attempts":{"N":"1"},"effects":{"S":"[3,[[\\"payment.succeeded\\",\\"pi_3\\",\\"news\\",[\\"ledger\\"]]],[[\\"handle\\",null,\\"done\\",1]],null,null,0]"}}',
  '{"provider":{"S":"stripe"},"eventType":{"S":"payment_intent.succeeded"},"mode":{"S":"test"},"mode":{"S":"live"},"objectId":{"S":"pi_3"},"parentIds":{"L":[{"S":"ch_3"},{"S":"cus_"}]},"ordering":{"L":[{"S":"time"},{"N":"17"}]},"keyId":{"S":"\x02"},"payloadBytes":{"N":"2877"},"bodySha256":{"B":"\x01@"},"contentHash":{"B":"\x014"},"headers":{"M":{"stripe-signature":{"S":"t=17,v1=\x01@"}}},"secretId":{"S":"stripe#1"},"traceId":{"S":"1-\x01$-\x01,"},"expiresAtMs":{"N":"',
];

writeDictionary('src/adapters/aws/dynamodb', 'item', Number(process.argv[2]), Buffer.from(TEXTS.join(','), 'latin1'));
