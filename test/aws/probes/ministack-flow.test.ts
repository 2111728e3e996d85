/**
 * How the emulator's API Gateway and event source mappings differ from AWS, as far as the end-to-end tests rest on it.
 * A probe that fails says that the emulator changed, and not that the product is broken.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTimeToLiveCommand, DynamoDB, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand, SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../support/running-server.ts';
import { type Ministack, startMinistack } from '../servers/ministack.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

interface Reply {
  readonly status: number;
  readonly body: unknown;
}
interface Invoked {
  readonly functionName: string;
  readonly headers: IncomingMessage['headers'];
  readonly event: Record<string, unknown> & { readonly Records?: readonly Record<string, unknown>[] };
}

/** Stands for the Lambda host: keeps what it is invoked with and answers what the test says. */
const invoked: Invoked[] = [];
let replyTo: (invocation: Invoked) => Reply = () => ({ status: 200, body: {} });
const host = createServer((request, response) => {
  void request.toArray().then((chunks) => {
    const functionName = String(request.headers['x-amzn-lambda-function-name']);
    const invocation = { functionName, headers: request.headers, event: JSON.parse(Buffer.concat(chunks).toString()) };
    invoked.push(invocation);
    const { status, body } = replyTo(invocation);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
});

const changed = (what: string): string => `emulator changed: ${what}`;

const templateFor = (hostUrl: string) => {
  const functionNamed = (FunctionName: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/probe',
      Timeout: 5,
      ReservedConcurrentExecutions: 7,
      Code: { ZipFile: 'exports.handler = async () => ({});' },
      Environment: { Variables: { MINISTACK_LAMBDA_PROXY_URL: hostUrl } },
    },
  });
  const functionArn = { 'Fn::GetAtt': ['Api1', 'Arn'] };
  const uri = ['arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/', functionArn, '/invocations'];
  const method = {
    HttpMethod: 'POST',
    AuthorizationType: 'NONE',
    RestApiId: { Ref: 'Api' },
    Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: { 'Fn::Join': ['', uri] } },
  };
  return {
    Resources: {
      Api1: functionNamed('for-api'),
      Queue1: functionNamed('for-queue'),
      Stream1: functionNamed('for-stream'),
      Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'probe', BinaryMediaTypes: ['*/*'] } },
      Path: {
        Type: 'AWS::ApiGateway::Resource',
        Properties: {
          RestApiId: { Ref: 'Api' },
          ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
          PathPart: '{provider}',
        },
      },
      Post: { Type: 'AWS::ApiGateway::Method', Properties: { ...method, ResourceId: { Ref: 'Path' } } },
      Deployment: {
        Type: 'AWS::ApiGateway::Deployment',
        DependsOn: 'Post',
        Properties: { RestApiId: { Ref: 'Api' } },
      },
      Stage: {
        Type: 'AWS::ApiGateway::Stage',
        Properties: { RestApiId: { Ref: 'Api' }, DeploymentId: { Ref: 'Deployment' }, StageName: 'probe' },
      },
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
      Work: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'work',
          VisibilityTimeout: 1,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
        },
      },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'probed',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        },
      },
      FromQueue: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { Ref: 'Queue1' },
          EventSourceArn: { 'Fn::GetAtt': ['Work', 'Arn'] },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
      FromStream: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { Ref: 'Stream1' },
          EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
          StartingPosition: 'TRIM_HORIZON',
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          BisectBatchOnFunctionError: true,
          MaximumRetryAttempts: 1,
        },
      },
    },
    Outputs: { ApiId: { Value: { Ref: 'Api' } } },
  };
};

let emulator: Ministack;
let apiId = '';
const options = () => emulatorClientOptions(emulator.url);
const callsOf = (functionName: string) => invoked.filter((invocation) => invocation.functionName === functionName);
const post = (provider: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${emulator.url}/restapis/${apiId}/probe/_user_request_/${provider}`, { method: 'POST', body, headers });

beforeAll(async () => {
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  emulator = await startMinistack();
  const hostUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  const client = new CloudFormationClient(options());
  await client.send(new CreateStackCommand({ StackName: 'probe', TemplateBody: JSON.stringify(templateFor(hostUrl)) }));
  await waitUntil('the stack is there', async () => {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: 'probe' }));
    if (stack?.StackStatus?.includes('ROLLBACK')) throw new Error(`${stack.StackStatus} ${stack.StackStatusReason}`);
    apiId = stack?.Outputs?.[0]?.OutputValue ?? '';
    return stack?.StackStatus === 'CREATE_COMPLETE';
  });
});
beforeEach(() => {
  invoked.length = 0;
  replyTo = () => ({ status: 200, body: {} });
});
afterAll(async () => {
  await emulator?.[Symbol.asyncDispose]();
  host.close();
  host.closeAllConnections();
});

describe('the API of ministack', () => {
  test('hands every body over as base64, byte for byte, where all media types are binary', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    replyTo = () => ({ status: 200, body: { statusCode: 202, headers: { 'retry-after': '7' }, body: '{"a":1}' } });

    const answer = await post('stripe', bytes, { 'content-type': 'application/json', 'Stripe-Signature': 't=1' });

    const [{ event }] = callsOf('for-api') as [Invoked];
    expect(event.isBase64Encoded, changed('binary bodies')).toBe(true);
    expect(Buffer.from(String(event.body), 'base64'), changed('binary bodies')).toEqual(Buffer.from(bytes));
    expect(event.pathParameters, changed('path parameters')).toEqual({ provider: 'stripe' });
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()], changed('proxy answers')).toEqual([
      202,
      '7',
      '{"a":1}',
    ]);
  });

  test('writes header names in lower case and leaves the domain name out, which the Lambda host puts right', async () => {
    await post('stripe', Uint8Array.of(1), { 'Stripe-Signature': 't=1', 'content-type': 'application/json' });

    const [{ event, headers }] = callsOf('for-api') as [Invoked];
    expect(event.headers, changed('header names')).toMatchObject({ 'stripe-signature': 't=1' });
    expect(event.requestContext, changed('request context')).not.toHaveProperty('domainName');
    expect(headers['x-amzn-lambda-deadline-ms'], changed('forwarded invocations')).toMatch(/^\d{13}$/);
    expect(headers['x-amzn-lambda-function-version'], changed('forwarded invocations')).toBe('$LATEST');
  });

  test('answers 502 with the error of a function that broke, which API Gateway would keep to itself', async () => {
    replyTo = () => ({ status: 500, body: { errorType: 'Error', errorMessage: 'inner detail' } });

    const answer = await post('stripe', Uint8Array.of(1), { 'content-type': 'application/json' });

    expect(answer.status, changed('errors of functions')).toBe(502);
    expect(await answer.text(), changed('errors of functions')).toContain('inner detail');
  });
});

describe('a template on ministack', () => {
  test('loses reserved concurrency: that it is set is asserted on the synthesised template', async () => {
    const { Concurrency } = await new LambdaClient(options()).send(new GetFunctionCommand({ FunctionName: 'for-api' }));

    expect(Concurrency?.ReservedConcurrentExecutions, changed('reserved concurrency')).toBeUndefined();
  });

  test('loses the time to live: nothing expires there, and that it is set is asserted on the synthesised template', async () => {
    const client = new DynamoDB(options());
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: 'probed' }));

    expect(TimeToLiveDescription, changed('time to live')).toMatchObject({ TimeToLiveStatus: 'DISABLED' });
  });
});

describe('the queue mapping of ministack', () => {
  const sqs = () => new SQS(options());
  const urlOf = async (QueueName: string) => (await sqs().send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';
  const countOf = async (name: string, attribute: 'ApproximateNumberOfMessages' | 'All'): Promise<number> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: await urlOf(name), AttributeNames: [attribute] });
    return Number((await sqs().send(command)).Attributes?.ApproximateNumberOfMessages);
  };
  const send = async (MessageBody: string) => {
    const message = new SendMessageCommand({
      QueueUrl: await urlOf('work'),
      MessageBody,
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-a-b' } },
    });
    await sqs().send(message);
  };
  const recordsOf = (body: string) =>
    callsOf('for-queue').flatMap(({ event }) => (event.Records ?? []).filter((record) => record.body === body));

  test('keeps what is reported as failed, gives it out again with the trace, then moves it to the dead letters', async () => {
    replyTo = ({ event }) => ({
      status: 200,
      body: { batchItemFailures: event.Records?.map(({ messageId }) => ({ itemIdentifier: messageId })) },
    });
    await send('failing');
    await waitUntil(changed('redrive of reported failures'), async () => {
      return (await countOf('dead', 'ApproximateNumberOfMessages')) === 1;
    });

    const attributes = recordsOf('failing').map((record) => record.attributes);
    expect(attributes, changed('attributes of records')).toMatchObject([
      { ApproximateReceiveCount: '1', AWSTraceHeader: 'Root=1-a-b' },
      { ApproximateReceiveCount: '2', AWSTraceHeader: 'Root=1-a-b' },
    ]);
  });

  test('takes a report without an id for success, where AWS would fail the whole batch', async () => {
    replyTo = () => ({ status: 200, body: { batchItemFailures: [{ itemIdentifier: '' }] } });
    await send('badly reported');
    await waitUntil('it is handed out', () => recordsOf('badly reported').length === 1);
    replyTo = () => ({ status: 200, body: {} });
    // What follows it is handed out after the time in which it would have come again.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await send('follower');
    await waitUntil('the follower is handed out', () => recordsOf('follower').length === 1);

    expect(recordsOf('badly reported'), changed('malformed reports')).toHaveLength(1);
  });
});

describe('the stream mapping of ministack', () => {
  const put = (id: string) =>
    new DynamoDB(options()).send(new PutItemCommand({ TableName: 'probed', Item: { id: { S: id } } }));
  const batches = () => callsOf('for-stream').map(({ event }) => event.Records?.length ?? 0);

  test('ignores partial failures of a batch: what the audit logger reports is tested without it', async () => {
    replyTo = ({ event }) => {
      const sequenceNumber = (event.Records?.[0]?.dynamodb as { SequenceNumber?: string } | undefined)?.SequenceNumber;
      return { status: 200, body: { batchItemFailures: [{ itemIdentifier: sequenceNumber }] } };
    };
    await put('reported');
    await waitUntil('it is handed out', () => batches().length > 0);
    replyTo = () => ({ status: 200, body: {} });
    await put('next');
    await waitUntil('the next is handed out', () => batches().length > 1);

    const last = callsOf('for-stream')
      .at(-1)
      ?.event.Records?.map(({ dynamodb }) => dynamodb);
    expect(last, changed('partial failures of streams')).toMatchObject([{ Keys: { id: { S: 'next' } } }]);
  });

  test('neither halves a batch that fails nor gives it up: it comes again as it was', async () => {
    replyTo = ({ functionName }) =>
      functionName === 'for-stream' ? { status: 500, body: {} } : { status: 200, body: {} };
    await put('poison');
    await waitUntil('it came more often than MaximumRetryAttempts allows', () => batches().length >= 3, 15_000);

    expect(new Set(batches()), changed('failing batches of streams')).toEqual(new Set([1]));
  });
});
