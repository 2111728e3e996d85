/**
 * Several attributes of an item as one: every started kilobyte of an item is a write unit that costs money, and the names
 * of a dozen attributes take as much of it as their values. Only what no key, index, condition or filter asks for can be packed.
 */
import assert from 'node:assert/strict';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { newerThanKnown } from '../../../core/errors.ts';
import { ITEM_DICTIONARY_1 } from './item-dictionary-1.ts';
import type { Item } from './values.ts';

/**
 * The first byte. Version 1: the number of raw bytes in three bytes, these bytes, then JSON, deflated with
 * `DICTIONARY`, in which each of `RAW` was taken out. Read for ever: another dictionary is another version.
 */
const VERSION = 1;
const HEADER_BYTES = 4;

const DICTIONARY = inflateRawSync(Buffer.from(ITEM_DICTIONARY_1.join(''), 'base64'));
/** Memory for a table of the few hundred bytes that there are; the result is the same. */
const HOW = { dictionary: DICTIONARY, windowBits: 12, memLevel: 5 };

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
