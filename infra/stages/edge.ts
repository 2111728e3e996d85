/** The edge: API Gateway takes `POST /webhook/{provider}`, limits the rate of all, and hands the exact bytes to the receiver. */
import { Duration } from 'aws-cdk-lib';
import {
  CfnAccount,
  CfnBasePathMapping,
  type CfnRestApi,
  DomainName,
  EndpointAccessMode,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { CompleteConfig } from '../../src/config/schema.ts';
import type { StackCommon } from '../ground/stack-common.ts';
import { ACCESS_LOG_FORMAT } from '../watch/access-log-format.ts';
import { createLogGroup } from '../watch/log-group.ts';

/** TLS 1.2 and 1.3; the default would still take TLS 1.0. */
const SECURITY_POLICY = SecurityPolicy.TLS13_1_2_PQ_2025_09;

/** Of methods that no provider uses: enough for whoever looks by hand whether somebody is there. */
const OTHER_METHODS_PER_SECOND = 10;
const OTHER_METHODS_BURST = 20;

/** Of every method: one with settings of its own inherits none. */
const LOGGED = {
  // Errors of API Gateway itself. Anything above would write headers, a data trace whole bodies.
  loggingLevel: MethodLoggingLevel.ERROR,
  dataTraceEnabled: false,
  // What the stage measures for nothing is enough; figures for each method are paid one by one.
  metricsEnabled: false,
} as const;

export interface EdgeProps extends StackCommon {
  /** Answers every method of `/webhook/{provider}`. */
  readonly receiver: IFunction;
  /** Deliveries a second in all, above which the stage answers 429. */
  readonly requestsPerSecond: number;
  /** Requests that may come at once before that rate holds. */
  readonly requestsBurst: number;
  /**
   * The role by which API Gateway writes logs belongs to the account and region. False where another stack has set it.
   * @default true
   */
  readonly isApiGatewayAccountManaged?: boolean;
  /** Called instead of API Gateway's own address, which is closed then. @default none */
  readonly domain?: CompleteConfig['aws']['domain'];
}

export class Edge extends Construct {
  readonly api: RestApi;
  /** Base address for providers: the provider's name follows. */
  readonly webhookUrl: string;
  /** What the domain has to lead to; undefined without one. */
  readonly domainTarget: string | undefined;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    const { names, key, retention, domain } = props;
    this.api = new RestApi(this, 'Api', {
      restApiName: names.api,
      description: 'Payhook: receives payment webhooks',
      endpointTypes: [EndpointType.REGIONAL],
      // Every body is binary: the receiver gets base64 of the very bytes that were signed. No compression either, because
      // API Gateway would unpack a body that came packed.
      binaryMediaTypes: ['*/*'],
      cloudWatchRole: false,
      disableExecuteApiEndpoint: domain !== undefined,
      deployOptions: {
        stageName: names.stage,
        // Each method has a bucket of its own. What is no POST is answered 405 and takes nothing from the webhooks.
        throttlingRateLimit: OTHER_METHODS_PER_SECOND,
        throttlingBurstLimit: OTHER_METHODS_BURST,
        methodOptions: {
          '/webhook/{provider}/POST': {
            throttlingRateLimit: props.requestsPerSecond,
            throttlingBurstLimit: props.requestsBurst,
            ...LOGGED,
          },
        },
        ...LOGGED,
        tracingEnabled: true,
        accessLogDestination: new LogGroupLogDestination(
          createLogGroup(this, 'RequestLogs', {
            name: names.logGroup('requests'),
            key,
            retention,
            isOnlySearched: true,
          }),
        ),
        accessLogFormat: ACCESS_LOG_FORMAT,
      },
    });
    // An output that would stand beside `WebhookUrl`, without the path.
    this.api.node.tryRemoveChild('Endpoint');
    const cfnApi = this.api.node.defaultChild as CfnRestApi;
    cfnApi.securityPolicy = SECURITY_POLICY;
    // It goes with it, and does not change who may call.
    cfnApi.endpointAccessMode = EndpointAccessMode.BASIC;

    this.addRoute(props.receiver);
    this.addGatewayResponses();
    this.addExecutionLogs(props);
    this.domainTarget = domain === undefined ? undefined : this.addDomain(domain);
    this.webhookUrl = domain === undefined ? this.api.urlForPath('/webhook') : `https://${domain.name}/webhook`;
  }

  /** Its name leads to the stage, whose name is then no part of the address. */
  private addDomain({ name, certificateArn }: NonNullable<EdgeProps['domain']>): string {
    const { domainName, domainNameAliasDomainName: target } = new DomainName(this, 'Domain', {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SECURITY_POLICY,
      endpointAccessMode: EndpointAccessMode.BASIC,
    });
    new CfnBasePathMapping(this, 'Mapping', {
      domainName,
      restApiId: this.api.restApiId,
      stage: this.api.deploymentStage.stageName,
    });
    return target;
  }

  /**
   * Every method goes to the receiver, which answers all but POST with 405, as the local home does, and audits it. An
   * answer by API Gateway alone would need a mock integration, which breaks where every body is binary; WAF limits what
   * it can cost.
   */
  private addRoute(receiver: IFunction): void {
    const integration = new LambdaIntegration(receiver, {
      proxy: true,
      allowTestInvoke: false,
      timeout: Duration.seconds(29),
    });
    const provider = this.api.root.addResource('webhook').addResource('{provider}');
    provider.addMethod('POST', integration);
    provider.addMethod('ANY', integration);
  }

  /** What API Gateway answers by itself, in the words of the receiver. */
  private addGatewayResponses(): void {
    const answer = (
      id: string,
      type: ResponseType,
      error: string,
      status?: number,
      retryAfterSeconds?: number,
    ): void => {
      this.api.addGatewayResponse(id, {
        type,
        ...(status === undefined ? {} : { statusCode: String(status) }),
        ...(retryAfterSeconds === undefined ? {} : { responseHeaders: { 'Retry-After': `'${retryAfterSeconds}'` } }),
        templates: { 'application/json': JSON.stringify({ error }) },
      });
    };
    // A path that no route matches is "missing authentication token" to API Gateway.
    answer('UnknownRoute', ResponseType.MISSING_AUTHENTICATION_TOKEN, 'provider_unknown', 404);
    answer('UnknownResource', ResponseType.RESOURCE_NOT_FOUND, 'provider_unknown', 404);
    answer('Throttled', ResponseType.THROTTLED, 'rate_exceeded', 429, 1);
    answer('TooLarge', ResponseType.REQUEST_TOO_LARGE, 'body_too_large', 413);
    // The managed rules of the firewall; the rate rules bring their own answer.
    answer('Filtered', ResponseType.WAF_FILTERED, 'request_malformed', 400);
    answer('OtherRefusals', ResponseType.DEFAULT_4XX, 'request_malformed');
    // One status for all of them: providers are told when to come again, whatever broke.
    answer('Unavailable', ResponseType.DEFAULT_5XX, 'unavailable', 503, 5);
  }

  /** API Gateway would create this log group itself, unencrypted and forever. */
  private addExecutionLogs({ names, key, retention, isApiGatewayAccountManaged = true }: EdgeProps): void {
    const stage = this.api.deploymentStage;
    const executionLogs = createLogGroup(this, 'ExecutionLogs', {
      name: `API-Gateway-Execution-Logs_${this.api.restApiId}/${names.stage}`,
      key,
      retention,
    });
    stage.node.addDependency(executionLogs);
    if (!isApiGatewayAccountManaged) return;

    const role = new Role(this, 'LogRole', {
      roleName: names.role('api-gateway-logs'),
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      // API Gateway refuses a role that does not hold all of it.
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs')],
    });
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    stage.node.addDependency(account);
  }
}
