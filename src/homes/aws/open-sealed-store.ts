/** The webhook store and the seal of its payloads, as the functions that handle webhooks and the command line open them. */
import { createDynamodbDataKeyItems } from '../../adapters/aws/keys/data-key-items.ts';
import { createKmsDataKeySource } from '../../adapters/aws/keys/kms-data-key-source.ts';
import type { DynamodbCalls, KmsCalls } from '../../adapters/aws/service-calls.ts';
import { createDynamodbWebhookStore } from '../../adapters/aws/webhooks/webhook-store.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import { createEncryptPayload, createSeal, type Seal } from '../../core/seal.ts';

export interface OpenSealedStoreDeps {
  readonly dynamodb: DynamodbCalls;
  readonly kms: KmsCalls;
  readonly environment: { readonly PAYHOOK_WEBHOOK_TABLE: string; readonly PAYHOOK_DATA_KEY_ARN: string };
  readonly clock: Clock;
  readonly randomness: Randomness;
}

export const openSealedStore = (deps: OpenSealedStoreDeps): { readonly store: WebhookStore; readonly seal: Seal } => {
  const { dynamodb: client, environment, clock, randomness, kms } = deps;
  const tableName = environment.PAYHOOK_WEBHOOK_TABLE;
  const dataKeys = createKmsDataKeySource({
    client: kms,
    keyArn: environment.PAYHOOK_DATA_KEY_ARN,
    items: createDynamodbDataKeyItems({ client, tableName }),
    randomness,
  });
  return {
    store: createDynamodbWebhookStore({ client, tableName, randomness }),
    seal: createSeal({ dataKeys, clock, encrypt: createEncryptPayload(randomness, { withDictionary: true }) }),
  };
};
