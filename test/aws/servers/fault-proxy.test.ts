/** The fault proxy makes go wrong what a rule names, in the way it names, and nothing else; and it counts. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import type { Fault } from './fault-proxy-rules.ts';

/** Stands for an emulator: remembers what reached it and agrees to everything. */
const reached: { readonly target: string; readonly body: string }[] = [];
const server = createServer((request, response) => {
  void request.toArray().then((chunks) => {
    const body = Buffer.concat(chunks).toString();
    reached.push({ target: String(request.headers['x-amz-target'] ?? request.url), body });
    if (request.method === 'HEAD') return response.writeHead(200, { 'content-length': '1234' }).end();
    if (body.startsWith('Action=Publish')) {
      const result = '<PublishResult><MessageId>m</MessageId></PublishResult>';
      return response.end(
        `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishResponse>`,
      );
    }
    const MD5OfMessageBody = createHash('md5').update('x').digest('hex');
    const ConsumedCapacity = body.includes('TransactItems') ? [{ CapacityUnits: 4 }] : { CapacityUnits: 2 };
    return response.end(JSON.stringify({ MessageId: 'm', MD5OfMessageBody, ConsumedCapacity }));
  });
});

let proxy: FaultProxy;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startFaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
beforeEach(() => {
  proxy.clearRules();
  proxy.forgetCalls();
  reached.length = 0;
});
afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  server.close();
  server.closeAllConnections();
});

const options = () => ({
  ...emulatorClientOptions(proxy.url),
  credentials: { accessKeyId: 'ASIA-lambda-receiver', secretAccessKey: 'x' },
});
const QueueUrl = () => `${proxy.url}/000000000000/queue-work`;
const put = (id = 'a') =>
  new DynamoDBClient(options()).send(new PutItemCommand({ TableName: 'table-a', Item: { id: { S: id } } }));
const sendMessage = () =>
  new SQSClient(options()).send(new SendMessageCommand({ QueueUrl: QueueUrl(), MessageBody: 'x' }));
const publish = () =>
  new SNSClient(options()).send(
    new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:000000000000:topic-alerts', Message: 'x' }),
  );
const nameOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: Error) => error.name,
  );

describe('the fault proxy', () => {
  test('knows service, operation, resource and caller of each call', async () => {
    await put();
    await sendMessage();
    await publish();
    await new S3Client({ ...options(), forcePathStyle: true }).send(
      new PutObjectCommand({ Bucket: 'archive', Key: 'digests/1', Body: 'x' }),
    );

    const known = proxy
      .calls()
      .map(({ service, operation, resource, caller }) => [service, operation, resource, caller]);
    expect(known).toEqual([
      ['dynamodb', 'PutItem', 'table-a', 'lambda-receiver'],
      ['sqs', 'SendMessage', 'queue-work', 'lambda-receiver'],
      ['sns', 'Publish', 'topic-alerts', 'lambda-receiver'],
      ['s3', 'PutObject', 'archive', 'lambda-receiver'],
    ]);
    expect(proxy.counts({ caller: 'lambda-receiver', service: 'sqs' })).toEqual({ 'sqs.SendMessage': 1 });
  });

  test('reads the write units of single and of transactional writes', async () => {
    await put();
    const Put = { TableName: 'table-a', Item: { id: { S: 'a' } } };
    await new DynamoDBClient(options()).send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }));

    expect(proxy.calls().map(({ writeUnits }) => writeUnits)).toEqual([2, 4]);
  });

  test('lets the n-th, every n-th or each call go wrong, at most so often, and no other', async () => {
    const nth = proxy.inject({ match: { operation: 'PutItem' }, when: { nth: 2 }, fault: { kind: 'server_error' } });
    const every = proxy.inject({
      match: { service: 'sqs', resource: 'queue-work' },
      when: { every: 2 },
      timesMax: 1,
      fault: { kind: 'server_error' },
    });
    const elsewhere = proxy.inject({ match: { resource: 'table-b' }, fault: { kind: 'server_error' } });
    const failures = async (call: () => Promise<unknown>): Promise<boolean[]> => {
      const list: boolean[] = [];
      for (let times = 0; times < 4; times += 1) list.push((await nameOf(call())) !== 'accepted');
      return list;
    };

    expect(await failures(put)).toEqual([false, true, false, false]);
    expect(await failures(sendMessage)).toEqual([false, true, false, false]);
    expect([nth.fired(), every.fired(), every.matched(), elsewhere.matched()]).toEqual([1, 1, 4, 0]);
    nth.remove();
    proxy.clearRules();
    expect(await nameOf(put())).toBe('accepted');
  });

  const reachedBy = async (fault: Fault, call = put): Promise<readonly [name: string, times: number]> => {
    proxy.inject({ match: {}, fault });
    const name = await nameOf(call());
    return [name, reached.length];
  };

  test.each([
    ['DynamoDB', put, 'ProvisionedThroughputExceededException'],
    ['SQS', sendMessage, 'RequestThrottled'],
    ['SNS', publish, 'Throttling'],
  ])('throttles %s under the name that its SDK throws, before anything happens', async (_service, call, expected) => {
    expect(await reachedBy({ kind: 'throttle' }, call as typeof put)).toEqual([expected, 0]);
  });

  test('refuses with any other error of a service', async () => {
    proxy.inject({
      match: { service: 'kms' },
      fault: { kind: 'error', code: 'KMSInvalidStateException', status: 400 },
    });
    const decrypt = new DecryptCommand({ CiphertextBlob: new Uint8Array(8) });

    await expect(new KMSClient(options()).send(decrypt)).rejects.toMatchObject({ name: 'KMSInvalidStateException' });
    expect(proxy.calls()).toMatchObject([{ service: 'kms', status: 400, fault: 'error' }]);
  });

  test('loses the reply to a call that was carried out', async () => {
    const [name, times] = await reachedBy({ kind: 'reply_lost' });

    expect(name).not.toBe('accepted');
    expect(times).toBe(1);
    expect(proxy.calls()).toMatchObject([{ status: null, fault: 'reply_lost', writeUnits: 2 }]);
  });

  test('carries a call out twice and charges for both', async () => {
    expect(await reachedBy({ kind: 'duplicate' })).toEqual(['accepted', 2]);
    expect(proxy.calls()).toMatchObject([{ status: 200, writeUnits: 4 }]);
  });

  test('carries a call out late', async () => {
    const startedAt = performance.now();

    expect(await reachedBy({ kind: 'delay', ms: 150 })).toEqual(['accepted', 1]);
    expect(performance.now() - startedAt).toBeGreaterThan(140);
  });

  test('leaves a call hanging until its caller gives up', async () => {
    proxy.inject({ match: {}, fault: { kind: 'hang' } });
    const client = new DynamoDBClient({
      ...options(),
      requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
    });

    const name = await nameOf(client.send(new PutItemCommand({ TableName: 'table-a', Item: { id: { S: 'a' } } })));

    expect(name).toBe('TimeoutError');
    expect(reached).toEqual([]);
  });

  test('hands on answers without a body as they are', async () => {
    const s3 = new S3Client({ ...options(), forcePathStyle: true });

    expect(await s3.send(new HeadObjectCommand({ Bucket: 'archive', Key: 'a' }))).toMatchObject({
      ContentLength: 1234,
    });
  });

  test('takes no more rules than a test that clears them would ever need', () => {
    const inject = () => proxy.inject({ match: {}, fault: { kind: 'throttle' } });
    for (let rules = 0; rules < 100; rules += 1) inject();

    expect(inject).toThrow(RangeError);
  });
});
