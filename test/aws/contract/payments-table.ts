/**
 * The table of payments and destination states as the stack makes it, on DynamoDB Local; but for time to live, which there goes
 * by the machine's clock, not by the test's.
 */
import { CreateTableCommand, DeleteTableCommand, DynamoDB } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { STORED_INDEX } from '../../../src/config/aws-names.ts';
import { type DynamodbLocal, startDynamodbLocal } from '../servers/dynamodb-local.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

export const createPaymentsTable = async (client: DynamoDB, tableName: string): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'listShard', AttributeType: 'N' },
        { AttributeName: 'storedAt', AttributeType: 'N' },
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: STORED_INDEX,
          KeySchema: [
            { AttributeName: 'listShard', KeyType: 'HASH' },
            { AttributeName: 'storedAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
};

/** One call, and the units that it cost: of the table and of its index, read and written. */
export interface CountedCall {
  readonly name: string;
  readonly units: number;
}

export interface PaymentsTable extends AsyncDisposable {
  readonly client: DynamoDB;
  readonly url: string;
  readonly tableName: string;
  /** Calls of `client` since the last time, in order. */
  takeCalls(): readonly CountedCall[];
  /** The next call of this name is held back until the promise that is returned by `hold` has resolved. */
  readonly before: (name: string, hold: () => Promise<unknown>) => void;
}

type Consumed = { readonly CapacityUnits?: number } | readonly { readonly CapacityUnits?: number }[] | undefined;

const unitsOf = (consumed: Consumed): number =>
  [consumed ?? []]
    .flat()
    .reduce((sum, { CapacityUnits: units = 0 }: { readonly CapacityUnits?: number }) => sum + units, 0);

let tablesOpened = 0;

const openTable = async (url: string): Promise<PaymentsTable> => {
  tablesOpened += 1;
  const tableName = `payments-${tablesOpened}`;
  const client = new DynamoDB(emulatorClientOptions(url));
  await createPaymentsTable(client, tableName);
  let calls: CountedCall[] = [];
  let held: { readonly name: string; readonly hold: () => Promise<unknown> } | undefined;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const name = String(context.commandName).replace('Command', '');
      if (held?.name === name) {
        const { hold } = held;
        held = undefined;
        await hold();
      }
      const { output } = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } as never });
      calls.push({ name, units: unitsOf((output as { ConsumedCapacity?: Consumed }).ConsumedCapacity) });
      return { output, response: undefined };
    },
    { step: 'initialize', name: 'countCalls' },
  );
  return {
    client,
    url,
    tableName,
    takeCalls: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
    before: (name, hold) => {
      held = { name, hold };
    },
    async [Symbol.asyncDispose]() {
      await client.send(new DeleteTableCommand({ TableName: tableName }));
      client.destroy();
    },
  };
};

/** Starts one server for the tests of a file and returns how a table is opened on it. */
export const usePaymentsTables = (): (() => Promise<PaymentsTable>) => {
  let server: DynamodbLocal | undefined;
  beforeAll(async () => {
    server = await startDynamodbLocal();
  }, 60_000);
  afterAll(() => server?.[Symbol.asyncDispose]());
  return () => {
    if (server === undefined) throw new Error('the server is started before the tests');
    return openTable(server.url);
  };
};
