/** A rejected delivery as bytes that can be sealed, without what must not be kept, and back. */
import { maskCardData, screenCardData } from '../core/card-data/card-data.ts';
import type { Delivery, Provider } from '../core/ports/provider.ts';
import { cardDataCount } from '../core/webhook.ts';

/** Of people and machines in front of us; no provider signs with them. */
const NEVER_KEPT = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'x-amz-security-token']);

const LENGTH_BYTES = 4;

interface Head {
  readonly method: string;
  readonly query: string;
  readonly publicUrl: string | null;
  readonly headers: readonly (readonly [string, readonly string[]])[];
}

export interface PackedDelivery {
  readonly payload: Uint8Array;
  /** Values that were masked. */
  readonly cardDataCount: number;
}

/** The length of a head of JSON, the head, and the body behind it: a body may be any bytes. */
export const packDelivery = (delivery: Delivery, provider: Provider): PackedDelivery => {
  const { payload: body, findings } = screenCardData(delivery.body, provider.cardDataExemptions);
  const { method, query, publicUrl } = delivery;
  const headers = [...delivery.headers].filter(([name]) => !NEVER_KEPT.has(name));
  const head: Head = { method, query: maskCardData(query), publicUrl, headers: headers.map(masked) };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  return { payload: Buffer.concat([length, text, body]), cardDataCount: cardDataCount(findings) };
};

const masked = ([name, values]: readonly [string, readonly string[]]): readonly [string, readonly string[]] => [
  name,
  values.map(maskCardData),
];

export const unpackDelivery = (payload: Uint8Array): Delivery => {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const end = LENGTH_BYTES + bytes.readUInt32BE();
  const { headers, ...head }: Head = JSON.parse(bytes.subarray(LENGTH_BYTES, end).toString());
  return { ...head, headers: new Map(headers), body: bytes.subarray(end) };
};
