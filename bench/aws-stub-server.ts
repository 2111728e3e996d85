/**
 * Answers the AWS calls of the functions at once, so that what is measured is the functions: a table that keeps webhooks, one
 * that forgets payments (so each webhook is the first of its payment, which costs most), a queue that takes everything,
 * keys and secrets. Counts calls by operation.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SIGNING_SECRET } from './deliveries.ts';

export interface AwsStubServer extends AsyncDisposable {
  readonly url: string;
  /** Calls by operation. */
  readonly calls: ReadonlyMap<string, number>;
  /** The key of a webhook that is stored. */
  lastWebhook(): { readonly webhookId: string; readonly timestamp: number };
}

type Input = Readonly<Record<string, unknown>>;

interface KeyAttributes {
  readonly webhookId: { readonly S: string };
  readonly timestamp: { readonly N: string };
}

/** Undefined for an item of the other table. */
const keyOf = (attributes: unknown): string | undefined => {
  const { webhookId, timestamp } = attributes as Partial<KeyAttributes>;
  return webhookId === undefined ? undefined : `${webhookId.S}@${timestamp?.N}`;
};

const createAnswer = (items: Map<string, unknown>) => {
  const dataKey = {
    Plaintext: randomBytes(32).toString('base64'),
    CiphertextBlob: randomBytes(184).toString('base64'),
  };
  const operations: Readonly<Record<string, (input: Input) => unknown>> = {
    PutItem: ({ Item: item }) => {
      const key = keyOf(item);
      if (key !== undefined) items.set(key, item);
      return {};
    },
    GetItem: ({ Key: key }) => ({ Item: items.get(keyOf(key) ?? '') }),
    BatchGetItem: () => ({ Responses: {}, UnprocessedKeys: {} }),
    TransactWriteItems: () => ({}),
    UpdateItem: () => ({}),
    Query: () => ({ Items: [], Count: 0 }),
    SendMessage: ({ MessageBody: body }) => ({
      MessageId: 'message',
      MD5OfMessageBody: createHash('md5').update(String(body)).digest('hex'),
    }),
    ChangeMessageVisibilityBatch: () => ({ Successful: [], Failed: [] }),
    GenerateDataKey: () => dataKey,
    Decrypt: () => dataKey,
    GetSecretValue: () => ({ SecretString: JSON.stringify({ secrets: [SIGNING_SECRET] }) }),
    BatchGetSecretValue: ({ SecretIdList: ids }) => ({
      SecretValues: (ids as readonly string[]).map((Name) => ({
        Name,
        SecretString: JSON.stringify({ secrets: [SIGNING_SECRET] }),
      })),
      Errors: [],
    }),
    GetPublicKey: () => ({}),
  };
  return (operation: string, input: Input): unknown => {
    const answer = operations[operation];
    if (answer === undefined) throw new Error(`the benchmark does not know what AWS answers to ${operation}`);
    return answer(input);
  };
};

const bodyOf = async (request: IncomingMessage): Promise<Input> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
};

export const startAwsStubServer = async (): Promise<AwsStubServer> => {
  const calls = new Map<string, number>();
  const items = new Map<string, unknown>();
  const answer = createAnswer(items);
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    const text = JSON.stringify(answer(operation, await bodyOf(request)));
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    lastWebhook() {
      const { webhookId, timestamp } = [...items.values()].at(-1) as KeyAttributes;
      return { webhookId: webhookId.S, timestamp: Number(timestamp.N) };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
