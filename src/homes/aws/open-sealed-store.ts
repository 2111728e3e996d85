/** The webhook store and the seal of its payloads, as the functions that handle webhooks and the command line open them. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { AWS_CLIENT_OPTIONS } from '../../adapters/aws/clients.ts';
import { createDynamodbDataKeyItems } from '../../adapters/aws/keys/data-key-items.ts';
import { createKmsDataKeySource } from '../../adapters/aws/keys/kms-data-key-source.ts';
import { traceClient } from '../../adapters/aws/tracing/trace-client.ts';
import type { Tracer } from '../../adapters/aws/tracing/tracer.ts';
import { createDynamodbWebhookStore } from '../../adapters/aws/webhooks/webhook-store.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import { createEncryptPayload, createSeal, type Seal } from '../../core/seal.ts';

export interface OpenSealedStoreDeps {
  readonly dynamodb: DynamoDBClient;
  readonly environment: { readonly PAYHOOK_WEBHOOK_TABLE: string; readonly PAYHOOK_DATA_KEY_ARN: string };
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** @default one with the options of a function */
  readonly kms?: KMSClient;
  /** @default nothing is traced that the clients do not trace */
  readonly tracer?: Tracer;
}

export const openSealedStore = (deps: OpenSealedStoreDeps): { readonly store: WebhookStore; readonly seal: Seal } => {
  const { dynamodb: client, environment, clock, randomness, kms = newKms(deps) } = deps;
  const tableName = environment.PAYHOOK_WEBHOOK_TABLE;
  const dataKeys = createKmsDataKeySource({
    client: kms,
    keyArn: environment.PAYHOOK_DATA_KEY_ARN,
    items: createDynamodbDataKeyItems({ client, tableName }),
    randomness,
  });
  return {
    store: createDynamodbWebhookStore({ client, tableName, randomness }),
    seal: createSeal({ dataKeys, clock, encrypt: createEncryptPayload(randomness) }),
  };
};

const newKms = ({ tracer }: OpenSealedStoreDeps): KMSClient => {
  const client = new KMSClient(AWS_CLIENT_OPTIONS);
  return tracer === undefined ? client : traceClient(tracer, 'KMS', client);
};
