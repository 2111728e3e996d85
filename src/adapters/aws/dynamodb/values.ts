/** Attribute values of DynamoDB items, written and read. What is read is asserted to be of its kind. */
import assert from 'node:assert/strict';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { EpochMs } from '../../../core/webhook.ts';

export type Item = Record<string, AttributeValue>;

/** JavaScript's last instant. */
const EPOCH_MS_MAX = 8.64e15;

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });
export const bytes = (value: Uint8Array): AttributeValue => ({ B: value });
export const hexBytes = (value: string): AttributeValue => bytes(Buffer.from(value, 'hex'));

export const textOf = (item: Item, name: string): string | undefined => item[name]?.S;

export const requiredText = (item: Item, name: string): string => {
  const value = textOf(item, name);
  assert(value !== undefined, `the item has a text ${name}`);
  return value;
};

export const numberOf = (item: Item, name: string): number | undefined => {
  const value = item[name]?.N;
  return value === undefined ? undefined : Number(value);
};

export const requiredNumber = (item: Item, name: string): number => {
  const value = numberOf(item, name);
  assert(value !== undefined && Number.isSafeInteger(value), `the item has a whole number ${name}`);
  return value;
};

export const assertInstant = (value: number | undefined, name: string): EpochMs => {
  assert(Number.isInteger(value) && Math.abs(Number(value)) <= EPOCH_MS_MAX, `the item has an instant ${name}`);
  return Number(value);
};

export const requiredBytes = (item: Item, name: string): Uint8Array => {
  const value = item[name]?.B;
  assert(value !== undefined, `the item has bytes ${name}`);
  // A copy: what the SDK hands out may be a view into a buffer that holds the whole answer.
  return Uint8Array.from(value);
};

export const requiredHex = (item: Item, name: string): string => Buffer.from(requiredBytes(item, name)).toString('hex');
