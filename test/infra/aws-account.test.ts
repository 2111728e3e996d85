/** What `npm run deploy` reads out of the answers of AWS. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openAwsAccount } from '../../infra/deploy/aws-account.ts';
import { awsNames } from '../../src/config/aws-names.ts';

type Answer = readonly [status: number, body: object | string];

let server: Server;
/** By operation, and where several are asked by what is asked for. */
let answers: Record<string, Answer> = {};
const saved = { ...process.env };

const operationOf = (target: string | undefined, url: string, body: string): string => {
  if (target !== undefined) {
    const { TableName: table = '', Name: name = '', TrailName: trail = '' } = JSON.parse(body);
    return `${target.split('.')[1]} ${table}${name}${trail}`.trim();
  }
  return url === '/account' ? 'GetAccount' : (/Action=(\w+)/.exec(body)?.[1] ?? url);
};

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const target = request.headers['x-amz-target'];
    const operation = operationOf(target as string | undefined, request.url ?? '', await text(request));
    const [status, body] = answers[operation] ?? [500, { __type: `Unexpected ${operation}` }];
    const isXml = typeof body === 'string';
    response.writeHead(status, { 'content-type': isXml ? 'text/xml' : 'application/json' });
    response.end(isXml ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${address.port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});
afterAll(() => {
  server.close();
  process.env = saved;
});
beforeEach(() => {
  answers = {};
});

const account = () => openAwsAccount('eu-west-1');

describe('the account of API Gateway', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/logs-of-somebody';

  test('has the role that logs, as long as it is there, and limits', async () => {
    answers.GetAccount = [200, { cloudwatchRoleArn: ROLE, throttleSettings: { rateLimit: 2500, burstLimit: 1250 } }];
    answers.GetRole = [
      200,
      '<GetRoleResponse><GetRoleResult><Role><RoleName>logs-of-somebody</RoleName></Role></GetRoleResult></GetRoleResponse>',
    ];

    expect(await account().apiGateway()).toEqual({
      logRole: 'logs-of-somebody',
      limits: { requestsPerSecond: 2500, requestsBurst: 1250 },
    });
  });

  test('has none when it was removed behind its back, or never set', async () => {
    answers.GetAccount = [200, { cloudwatchRoleArn: ROLE }];
    answers.GetRole = [
      404,
      '<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>',
    ];

    expect(await account().apiGateway()).toEqual({ logRole: null, limits: {} });
    answers.GetAccount = [200, {}];
    expect(await account().apiGateway()).toEqual({ logRole: null, limits: {} });
  });
});

describe('tables', () => {
  test('take at most what the account allows', async () => {
    answers.DescribeLimits = [200, { TableMaxWriteCapacityUnits: 40_000, TableMaxReadCapacityUnits: 50_000 }];

    expect(await account().tableLimits()).toEqual({ writeUnits: 40_000, readUnits: 50_000 });
  });

  test('are asked what they and their indexes take at once; what is not there takes nothing', async () => {
    const warm = (write: number, read: number) => ({ WriteUnitsPerSecond: write, ReadUnitsPerSecond: read });
    answers['DescribeTable table-PaymentWebhooks-dev'] = [
      200,
      {
        Table: {
          WarmThroughput: warm(6000, 12_000),
          GlobalSecondaryIndexes: [{ IndexName: 'by-received-at', WarmThroughput: warm(4000, 12_000) }],
        },
      },
    ];
    answers['DescribeTable table-Payments-dev'] = [400, { __type: 'ResourceNotFoundException' }];

    expect(await account().warmTables(awsNames('dev'))).toEqual({
      webhooks: { write: 6000, read: 12_000 },
      byReceivedAt: { write: 4000, read: 12_000 },
    });
  });
});

describe('trails', () => {
  const trails = (...names: readonly string[]) => {
    answers.DescribeTrails = [200, { trailList: names.map((TrailARN) => ({ TrailARN })) }];
    for (const name of names) answers[`GetTrailStatus ${name}`] = [200, { IsLogging: true }];
  };
  const NOTHING = { changes: false, items: false, objects: false };

  test('record nothing where there are none, or none records now', async () => {
    trails();
    expect(await account().recordedEvents()).toEqual(NOTHING);

    trails('stopped');
    answers['GetTrailStatus stopped'] = [200, { IsLogging: false }];
    expect(await account().recordedEvents()).toEqual(NOTHING);
  });

  test('record together what each of them selects, plainly or by fields', async () => {
    trails('plain', 'advanced');
    answers['GetEventSelectors plain'] = [
      200,
      { EventSelectors: [{ IncludeManagementEvents: true, ReadWriteType: 'WriteOnly', DataResources: [] }] },
    ];
    const field = (Field: string, value: string) => ({ Field, Equals: [value] });
    answers['GetEventSelectors advanced'] = [
      200,
      {
        AdvancedEventSelectors: [
          { FieldSelectors: [field('eventCategory', 'Data'), field('resources.type', 'AWS::DynamoDB::Table')] },
        ],
      },
    ];

    expect(await account().recordedEvents()).toEqual({ changes: true, items: true, objects: false });
  });

  test('of an organisation count for nothing where a member may not look into them', async () => {
    trails('org');
    answers['GetEventSelectors org'] = [400, { __type: 'AccessDeniedException' }];

    expect(await account().recordedEvents()).toEqual(NOTHING);
  });
});
