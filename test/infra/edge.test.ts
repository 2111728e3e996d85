/** Requirement 1 of the AWS home: API Gateway. */
import { beforeAll, describe, expect, test } from 'vitest';
import { at, type Json, type Properties, type Synthesised, synthesise } from './synthesised.ts';

const TYPE = {
  api: 'AWS::ApiGateway::RestApi',
  stage: 'AWS::ApiGateway::Stage',
  method: 'AWS::ApiGateway::Method',
  response: 'AWS::ApiGateway::GatewayResponse',
} as const;

let stack: Synthesised;
let warm: Synthesised;
beforeAll(() => {
  stack = synthesise();
  warm = synthesise({
    config: {
      edge: { requestsPerSecond: 300, requestsBurst: 400 },
      aws: { isApiGatewayAccountManaged: false },
    },
  });
});

const allMethodSettings = (of: Synthesised): readonly Properties[] =>
  of.one(TYPE.stage).Properties.MethodSettings as readonly Properties[];

/** Those of deliveries, or of every other method. */
const methodSettings = (of: Synthesised, httpMethod: 'POST' | '*' = 'POST'): Properties => {
  const found = allMethodSettings(of).find(({ HttpMethod }) => HttpMethod === httpMethod);
  if (found === undefined) throw new Error(`no settings of ${httpMethod}`);
  return found;
};

const method = (of: Synthesised, httpMethod: string) => {
  const found = of.all(TYPE.method).find(({ Properties }) => Properties.HttpMethod === httpMethod);
  if (found === undefined) throw new Error(`no method ${httpMethod}`);
  return found;
};

const gatewayResponse = (type: string): Properties => {
  const found = stack.all(TYPE.response).find(({ Properties }) => Properties.ResponseType === type);
  if (found === undefined) throw new Error(`no gateway response ${type}`);
  return found.Properties;
};

describe('edge', () => {
  test('is one regional REST API', () => {
    const { Properties } = stack.one(TYPE.api);

    expect(Properties.EndpointConfiguration).toEqual({ Types: ['REGIONAL'] });
  });

  test('POST /webhook/{provider} goes to the receiver as a proxy request', () => {
    const { Properties } = method(stack, 'POST');
    const provider = stack.byLogicalId(String(at(Properties.ResourceId, 'Ref')));
    const parent = stack.byLogicalId(String(at(provider.Properties.ParentId, 'Ref')));

    expect(provider.Properties.PathPart).toBe('{provider}');
    expect(parent.Properties.PathPart).toBe('webhook');
    expect(at(Properties.Integration, 'Type')).toBe('AWS_PROXY');
    expect(stack.readable(at(Properties.Integration, 'Uri') as Json)).toContain('lambda-webhook-receiver-dev:live');
    expect(Properties.AuthorizationType).toBe('NONE');
  });

  test('other methods of the route go to the receiver too, which answers 405', () => {
    expect(method(stack, 'ANY').Properties.Integration).toEqual(method(stack, 'POST').Properties.Integration);
  });

  test('nobody but this API may call the receiver', () => {
    const permissions = stack
      .all('AWS::Lambda::Permission')
      .filter(({ Properties }) =>
        stack.readable(Properties.FunctionName as Json).startsWith('lambda-webhook-receiver'),
      );

    expect(permissions.map(({ Properties }) => Properties.Principal)).toEqual(
      permissions.map(() => 'apigateway.amazonaws.com'),
    );
    expect(permissions.map(({ Properties }) => stack.readable(Properties.SourceArn as Json)).sort()).toEqual([
      'arn:aws:execute-api:us-east-1:ACCOUNT:api-webhooks-dev/dev/*/webhook/*',
      'arn:aws:execute-api:us-east-1:ACCOUNT:api-webhooks-dev/dev/POST/webhook/*',
    ]);
  });

  test('is called by a name of ours where there is one, with the same TLS, and by no other', () => {
    const certificateArn = 'arn:aws:acm:eu-west-1:111122223333:certificate/0a1b';
    const named = synthesise({
      config: { aws: { region: 'eu-west-1', domain: { name: 'webhooks.shop.example', certificateArn } } },
    });
    const domain = named.one('AWS::ApiGateway::DomainName');

    expect(domain.Properties).toMatchObject({
      DomainName: 'webhooks.shop.example',
      RegionalCertificateArn: certificateArn,
      EndpointConfiguration: { Types: ['REGIONAL'] },
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PQ_2025_09',
      EndpointAccessMode: 'BASIC',
    });
    expect(named.one('AWS::ApiGateway::BasePathMapping').Properties).toMatchObject({
      DomainName: { Ref: domain.logicalId },
      Stage: { Ref: named.one(TYPE.stage).logicalId },
    });
    // Without a path of its own: the stage is no part of the address.
    expect(named.one('AWS::ApiGateway::BasePathMapping').Properties).not.toHaveProperty('BasePath');
    expect(named.one(TYPE.api).Properties.DisableExecuteApiEndpoint).toBe(true);
    expect(named.outputs.WebhookUrl?.Value).toBe('https://webhooks.shop.example/webhook');
    expect(named.outputs.DomainTarget?.Value).toEqual({ 'Fn::GetAtt': [domain.logicalId, 'RegionalDomainName'] });
    expect(stack.one(TYPE.api).Properties).toMatchObject({ DisableExecuteApiEndpoint: false });
    expect(stack.outputs).not.toHaveProperty('DomainTarget');
  });

  test('every body reaches the receiver byte for byte', () => {
    const { Properties } = stack.one(TYPE.api);

    expect(Properties.BinaryMediaTypes).toEqual(['*/*']);
    expect(Properties).not.toHaveProperty('MinimumCompressionSize');
  });

  test('the stage lets 1000 requests a second through, and 2000 at once', () => {
    expect(methodSettings(stack)).toMatchObject({
      ResourcePath: '/~1webhook~1{provider}',
      ThrottlingRateLimit: 1000,
      ThrottlingBurstLimit: 2000,
    });
  });

  test('what is no delivery has a small rate of its own, and takes nothing from deliveries', () => {
    expect(methodSettings(warm, '*')).toMatchObject({
      ResourcePath: '/*',
      ThrottlingRateLimit: 10,
      ThrottlingBurstLimit: 20,
    });
    expect(allMethodSettings(warm)).toHaveLength(2);
  });

  test('the rate of the stage is the one of the configuration', () => {
    expect(methodSettings(warm)).toMatchObject({ ThrottlingRateLimit: 300, ThrottlingBurstLimit: 400 });
  });

  test('the stage is traced', () => {
    expect(stack.one(TYPE.stage).Properties.TracingEnabled).toBe(true);
  });

  test('TLS below 1.2 is not taken', () => {
    expect(stack.one(TYPE.api).Properties).toMatchObject({
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PQ_2025_09',
      EndpointAccessMode: 'BASIC',
    });
  });

  test('the access log is JSON with exactly these fields, without bodies, headers and query strings', () => {
    const { AccessLogSetting: setting } = stack.one(TYPE.stage).Properties;

    expect(JSON.parse(String(at(setting, 'Format')))).toEqual({
      event: 'api.request',
      time: '$context.requestTimeEpoch',
      request_id: '$context.requestId',
      trace_id: '$context.xrayTraceId',
      source_address: '$context.identity.sourceIp',
      method: '$context.httpMethod',
      route: '$context.resourcePath',
      http_status: '$context.status',
      refused_by: '$context.error.responseType',
      waf_status: '$context.waf.status',
      duration_ms: '$context.responseLatency',
      receiver_ms: '$context.integrationLatency',
      response_bytes: '$context.responseLength',
      tls_version: '$context.tlsVersion',
    });
    expect(stack.readable(at(setting, 'DestinationArn') as Json)).toBe(
      'arn:aws:logs:us-east-1:ACCOUNT:log-group:logs-requests-dev',
    );
  });

  test('bodies are never logged by API Gateway', () => {
    for (const settings of allMethodSettings(stack)) {
      expect(settings).toMatchObject({ DataTraceEnabled: false, LoggingLevel: 'ERROR', MetricsEnabled: false });
    }
  });

  test.each([
    ['MISSING_AUTHENTICATION_TOKEN', '404', 'provider_unknown', undefined],
    ['RESOURCE_NOT_FOUND', '404', 'provider_unknown', undefined],
    ['THROTTLED', '429', 'rate_exceeded', "'1'"],
    ['REQUEST_TOO_LARGE', '413', 'body_too_large', undefined],
    ['WAF_FILTERED', '400', 'request_malformed', undefined],
    ['DEFAULT_4XX', undefined, 'request_malformed', undefined],
    ['DEFAULT_5XX', '503', 'unavailable', "'5'"],
  ])('API Gateway itself answers %s with JSON: %s %s', (type, status, error, retryAfter) => {
    const response = gatewayResponse(type);

    expect(response.StatusCode).toBe(status);
    expect(response.ResponseTemplates).toEqual({ 'application/json': JSON.stringify({ error }) });
    expect(at(response, 'ResponseParameters')).toEqual(
      retryAfter === undefined ? undefined : { 'gatewayresponse.header.Retry-After': retryAfter },
    );
  });

  test('the role by which API Gateway logs is set before the stage is made', () => {
    const account = stack.one('AWS::ApiGateway::Account');

    expect(stack.readable(account.Properties.CloudWatchRoleArn as Json)).toBe('role-api-gateway-logs-dev.Arn');
    expect(stack.one(TYPE.stage).DependsOn).toContain(account.logicalId);
  });

  test('the role by which API Gateway logs is left alone where another stack has set it', () => {
    expect(warm.all('AWS::ApiGateway::Account')).toEqual([]);
    expect(warm.all('AWS::IAM::Role').map((role) => warm.nameOf(role))).not.toContain('role-api-gateway-logs-dev');
  });

  test('the address for providers is an output', () => {
    expect(stack.readable(stack.outputs.WebhookUrl?.Value as Json)).toBe(
      'https://api-webhooks-dev.execute-api.us-east-1.AWS::URLSuffix/dev/webhook',
    );
  });
});
