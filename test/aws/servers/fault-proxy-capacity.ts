/** Capacity units that calls of DynamoDB cost: asked for in the request, read from the answer. */
import type { AwsCall } from './fault-proxy-call.ts';

export interface CapacityUnits {
  readonly writeUnits: number;
  readonly readUnits: number;
}

export const NO_CAPACITY: CapacityUnits = { writeUnits: 0, readUnits: 0 };

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);
const READS = new Set(['GetItem', 'BatchGetItem', 'TransactGetItems', 'Query', 'Scan']);
/** A conditional write that fails is charged like one that succeeds; the answer does not say how much. */
const REFUSED_WRITE_UNITS_MIN = 1;
const REFUSED = /ConditionalCheckFailedException|TransactionCanceledException/;

/** The request's body, with the question added; unchanged when the call has no capacity or the caller asks itself. */
export const askForCapacity = (call: AwsCall, body: Buffer): Buffer => {
  if (call.service !== 'dynamodb' || !(WRITES.has(call.operation) || READS.has(call.operation))) return body;
  const json = JSON.parse(body.toString());
  return json.ReturnConsumedCapacity === undefined
    ? Buffer.from(JSON.stringify({ ...json, ReturnConsumedCapacity: 'TOTAL' }))
    : body;
};

interface Consumed {
  readonly CapacityUnits?: number;
}

export const capacityOf = (call: AwsCall, status: number, body: Buffer): CapacityUnits => {
  if (call.service !== 'dynamodb') return NO_CAPACITY;
  const isWrite = WRITES.has(call.operation);
  const text = body.toString();
  if (status !== 200) {
    return isWrite && REFUSED.test(text) ? { writeUnits: REFUSED_WRITE_UNITS_MIN, readUnits: 0 } : NO_CAPACITY;
  }
  const { ConsumedCapacity = [] }: { ConsumedCapacity?: Consumed | readonly Consumed[] } = JSON.parse(text);
  const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  return isWrite ? { writeUnits: units, readUnits: 0 } : { writeUnits: 0, readUnits: units };
};
