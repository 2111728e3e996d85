/**
 * Several attributes of an item as one: every started kilobyte of an item is a write unit that costs money, and the names
 * of a dozen attributes take as much of it as their values. Only what no key, index, condition or filter asks for can be packed.
 */
import assert from 'node:assert/strict';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { newerThanKnown } from '../../../core/errors.ts';
import type { Item } from './values.ts';

/**
 * The first byte. Version 1: the number of raw bytes in three bytes, these bytes, then JSON, deflated with `DICTIONARY`, in
 * which each of `RAW` was taken out. Read for ever: another dictionary is another version.
 */
const VERSION = 1;
const HEADER_BYTES = 4;

/** What stands in items again and again, the likeliest last. */
const DICTIONARY = Buffer.from(
  [
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
  ].join(','),
  'latin1',
);
/** Memory for a table of the few hundred bytes that there are; the result is the same. */
const HOW = { dictionary: DICTIONARY, level: 6, memLevel: 5 };

/** A UUID, or an even number of hexadecimal digits: half as many bytes as they are, and nothing that deflate makes smaller. */
const RAW = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:[0-9a-f]{2}){4,90}/g;
/** What stands for it: JSON has no control characters. */
const HEX_MARK = '\x01';
const UUID_MARK = '\x02';
const MARKS = new RegExp(`${HEX_MARK}(.)|${UUID_MARK}`, 'gs');
const UUID_BYTES = 16;
const COUNT_FROM = 0x20;

/** An item holds 400 KB. */
const UNPACKED_BYTES_MAX = 4 * 1024 * 1024;

/** Binary values may stand at the top only. The same attributes may come out as other bytes elsewhere: compare what is packed. */
export const packAttributes = (attributes: Item): Uint8Array => {
  const raw: Buffer[] = [];
  const json = JSON.stringify(
    Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        value.B === undefined ? value : { B: Buffer.from(value.B).toString('hex') },
      ]),
    ),
  );
  const text = json.replace(RAW, (found) => {
    const isUuid = found.includes('-');
    const bytes = Buffer.from(isUuid ? found.replaceAll('-', '') : found, 'hex');
    raw.push(bytes);
    return isUuid ? UUID_MARK : `${HEX_MARK}${String.fromCharCode(COUNT_FROM + bytes.length)}`;
  });
  const header = Buffer.alloc(HEADER_BYTES, VERSION);
  header.writeUIntBE(
    raw.reduce((sum, { length }) => sum + length, 0),
    1,
    HEADER_BYTES - 1,
  );
  return Buffer.concat([header, ...raw, deflateRawSync(text, HOW)]);
};

/** Throws for what `packAttributes` cannot have made, and `store_damaged` for a version of a newer Payhook. */
export const unpackAttributes = (packed: Uint8Array): Item => {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  assert(bytes.length > HEADER_BYTES, 'packed attributes begin with their version');
  if (bytes.readUInt8() > VERSION) throw newerThanKnown('the packed attributes of an item', bytes[0], VERSION);
  let at = HEADER_BYTES;
  const end = at + bytes.readUIntBE(1, HEADER_BYTES - 1);
  const text = inflateRawSync(bytes.subarray(end), { dictionary: DICTIONARY, maxOutputLength: UNPACKED_BYTES_MAX });
  const take = (count: number): string => {
    assert(at + count <= end, 'every mark has its raw bytes');
    at += count;
    return bytes.toString('hex', at - count, at);
  };
  const json = text
    .toString('utf8')
    .replace(MARKS, (_, count: string | undefined) =>
      count === undefined ? uuidOf(take(UUID_BYTES)) : take(count.charCodeAt(0) - COUNT_FROM),
    );
  assert(at === end, 'every raw byte has its mark');
  const attributes: Readonly<Record<string, AttributeValue | { readonly B: string }>> = JSON.parse(json);
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]): [string, AttributeValue] => [
      name,
      typeof value.B === 'string' ? { B: Buffer.from(value.B, 'hex') } : (value as AttributeValue),
    ]),
  );
};

const uuidOf = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
