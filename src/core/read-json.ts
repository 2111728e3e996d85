/** Turns verified bytes into a value, or says why it cannot: strict UTF-8, bounded depth, no repeated keys. */
import type { UnparsableReason } from './ports/provider.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export type ReadJsonResult =
  | { readonly outcome: 'read'; readonly value: JsonValue }
  | {
      readonly outcome: 'unreadable';
      readonly reason: Extract<
        UnparsableReason,
        'body_not_utf8' | 'body_not_json' | 'json_too_deep' | 'json_key_repeated'
      >;
    };

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Never throws, whatever the bytes. */
export const readJson = (body: Uint8Array): ReadJsonResult => {
  let text: string;
  try {
    text = strictUtf8.decode(body);
  } catch {
    return { outcome: 'unreadable', reason: 'body_not_utf8' };
  }
  try {
    return { outcome: 'read', value: JSON.parse(text) };
  } catch {
    return { outcome: 'unreadable', reason: 'body_not_json' };
  }
};

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
