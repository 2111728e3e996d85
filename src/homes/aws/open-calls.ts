/** The calls of AWS as a function makes them: with the credentials and the region that Lambda puts into its environment. */
import type { DynamodbCalls, KmsCalls, SecretsManagerCalls, SqsCalls } from '../../adapters/aws/service-calls.ts';
import { type AwsService, createCallService } from '../../adapters/aws/signed/call-service.ts';
import { createExchange } from '../../adapters/aws/signed/exchange.ts';
import {
  createSignedDynamodb,
  createSignedKms,
  createSignedSecretsManager,
  createSignedSqs,
} from '../../adapters/aws/signed/signed-calls.ts';
import { traceCalls } from '../../adapters/aws/tracing/trace-calls.ts';
import type { Tracer } from '../../adapters/aws/tracing/tracer.ts';
import { PayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';

export interface AwsCalls {
  readonly dynamodb: DynamodbCalls;
  readonly sqs: SqsCalls;
  readonly kms: KmsCalls;
  readonly secretsManager: SecretsManagerCalls;
}

export interface OpenCallsDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly tracer: Tracer;
}

/** Variables that tell the SDKs of another endpoint: all services', or one's. */
const ENDPOINT_VARIABLE = 'AWS_ENDPOINT_URL';
const ENDPOINT_VARIABLES: Readonly<Record<AwsService['name'], string>> = {
  dynamodb: `${ENDPOINT_VARIABLE}_DYNAMODB`,
  sqs: `${ENDPOINT_VARIABLE}_SQS`,
  kms: `${ENDPOINT_VARIABLE}_KMS`,
  secretsmanager: `${ENDPOINT_VARIABLE}_SECRETS_MANAGER`,
};

/** Makes no call. Throws `configuration_invalid` where this is not Lambda's environment. */
export const openCalls = ({ env, clock, randomness, tracer }: OpenCallsDeps): AwsCalls => {
  const required = (name: string): string => {
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    throw new PayhookError('configuration_invalid', `there is no ${name} in the environment, where Lambda puts it`);
  };
  const region = required('AWS_REGION');
  const endpoints = new Map<AwsService['name'], URL>();
  const endpointOf = ({ name }: AwsService): URL => {
    const known = endpoints.get(name);
    if (known !== undefined) return known;
    const url = new URL(
      env[ENDPOINT_VARIABLES[name]] ?? env[ENDPOINT_VARIABLE] ?? `https://${name}.${region}.amazonaws.com/`,
    );
    endpoints.set(name, url);
    return url;
  };
  const call = createCallService({
    exchange: createExchange(),
    region,
    credentials: {
      accessKeyId: required('AWS_ACCESS_KEY_ID'),
      secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
      sessionToken: env.AWS_SESSION_TOKEN ?? null,
    },
    endpointOf,
    clock,
    randomness,
  });
  return {
    dynamodb: traceCalls(tracer, 'DynamoDB', createSignedDynamodb(call, randomness)),
    sqs: traceCalls(tracer, 'SQS', createSignedSqs(call)),
    kms: traceCalls(tracer, 'KMS', createSignedKms(call)),
    secretsManager: traceCalls(tracer, 'SecretsManager', createSignedSecretsManager(call)),
  };
};
