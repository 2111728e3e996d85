/** `destination-sender`: SQS → destinations. Composes and nothing else. */
import { createEventbridgeDestination } from '../../adapters/aws/destinations/eventbridge-destination.ts';
import { openDestinationBatch } from '../../adapters/aws/destinations/sqs-destination-batch.ts';
import { createDynamodbDestinationStates } from '../../adapters/aws/destinations/states.ts';
import { createSecretsManagerSecretSource } from '../../adapters/aws/secrets/secret-source.ts';
import { traceCalls } from '../../adapters/aws/tracing/trace-calls.ts';
import type { Tracer } from '../../adapters/aws/tracing/tracer.ts';
import { createHttpDestination } from '../../adapters/http/http-destination.ts';
import { awsNames } from '../../config/aws-names.ts';
import { type NamedDestination, secretNameOf } from '../../config/destinations-of.ts';
import { readQueueUrls } from '../../config/function-environment.ts';
import { senderShareOf } from '../../config/sender-executions.ts';
import { createCircuit } from '../../core/circuit.ts';
import { PayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { SecretSource } from '../../core/ports/secret-source.ts';
import { HOUR_MS } from '../../core/time.ts';
import type { Destination } from '../../destinations/destination.ts';
import { problemOfDestinationSecret } from '../../destinations/destination-secret.ts';
import { createLoadMessage } from '../../destinations/load-message.ts';
import { createSendClaims, type SendClaimsDeps } from '../../destinations/send-claims.ts';
import { openFunction, type StartInput } from './open-function.ts';
import { openMapping } from './open-mapping.ts';
import { openSealedStore } from './open-sealed-store.ts';
import { eventbridgeLater } from './sdk-calls.ts';
import { createSendBatch, type Sender } from './send-batch.ts';
import { traceDestination } from './trace-work.ts';

// The composition root of this function: the one place in it that reads the environment.
const { env } = process;

interface OpenDeps {
  readonly secrets: SecretSource;
  readonly busName: string;
  readonly clock: Clock;
  readonly tracer: Tracer;
}

const open = (destination: NamedDestination, { secrets, busName, clock, tracer }: OpenDeps): Destination => {
  const { name } = destination;
  switch (destination.kind) {
    case 'http':
      return createHttpDestination({
        name,
        url: destination.url,
        secretsOf: () => secretsOf(secrets, name),
        clock,
        timeoutMs: destination.timeoutMs,
        concurrencyMax: senderShareOf(destination).concurrencyMax,
        arePrivateAddressesAllowed: destination.arePrivateAddressesAllowed,
      });
    case 'eventbridge':
      return createEventbridgeDestination({
        client: traceCalls(tracer, 'Events', eventbridgeLater),
        name,
        busName,
      });
    case 'ndjson':
      throw new TypeError('a function has no file that stays: the settings leave such destinations out');
    default:
      return destination satisfies never;
  }
};

const secretsOf = async (source: SecretSource, name: string): Promise<readonly string[]> => {
  const secrets = await source.secretsOf(secretNameOf(name));
  if (secrets.length > 0) return secrets.map(({ value }) => value);
  throw new PayhookError(
    'secrets_unavailable',
    `destination ${name} has no signing secret yet: payhook secrets set ${secretNameOf(name)} --home aws`,
  );
};

interface SendersInput {
  readonly opened: OpenDeps;
  readonly common: Omit<SendClaimsDeps, 'destination' | 'circuit' | 'giveUpAfterMs'>;
}

const createSenders = (
  destinations: readonly NamedDestination[],
  { opened, common }: SendersInput,
): ReadonlyMap<string, Sender> =>
  new Map(
    destinations.map((configured): [string, Sender] => {
      const destination = traceDestination(opened.tracer, open(configured, opened));
      const { clock, randomness } = common;
      const circuit = createCircuit({ ...senderShareOf(configured), clock, randomness });
      const giveUpAfterMs = configured.giveUpAfterHours * HOUR_MS;
      const sendClaims = createSendClaims({ ...common, destination, circuit, giveUpAfterMs });
      return [configured.name, { messagesMax: destination.messagesMax, circuit, sendClaims, giveUpAfterMs }];
    }),
  );

export const start = ({ settings }: StartInput) =>
  openFunction('sender', env, async (opened) => {
    const { environment, clock, randomness, logger, metrics, alerts, dynamodb, sqs: client, tracer } = opened;
    const names = awsNames(environment.PAYHOOK_ENVIRONMENT_SUFFIX);
    const { store, seal } = openSealedStore(opened);
    const loadMessage = createLoadMessage({ store, seal, mapping: openMapping(settings) });
    const signed = settings.destinations.filter(({ kind }) => kind === 'http').map(({ name }) => secretNameOf(name));
    const secrets = createSecretsManagerSecretSource({
      client: opened.secretsManager,
      secretNames: new Map(signed.map((name) => [name, names.secret(name)])),
      checkSecret: (_, value) => problemOfDestinationSecret(value),
      clock,
      logger,
    });

    const senders = createSenders(settings.destinations, {
      opened: { secrets, busName: names.paymentBus, clock, tracer },
      common: { loadMessage, clock, randomness, retryPolicy: settings.retryPolicy, alerts, logger, metrics },
    });
    const queueUrlOf = readQueueUrls(environment.PAYHOOK_DESTINATION_QUEUE_URLS);
    const states = createDynamodbDestinationStates({
      client: dynamodb,
      tableName: environment.PAYHOOK_PAYMENT_TABLE,
      retentionMs: settings.retentionMs,
      randomness,
    });
    const deadLetterQueueUrl = environment.PAYHOOK_DESTINATION_DEAD_LETTER_QUEUE_URL;
    return createSendBatch({
      openBatch: (event) => openDestinationBatch({ client, queueUrlOf, deadLetterQueueUrl, states, clock }, event),
      senderOf: (name) => {
        const sender = senders.get(name);
        if (sender !== undefined) return sender;
        throw new PayhookError(
          'configuration_invalid',
          `destination ${name} is not in the configuration that this function was built with: deploy again`,
        );
      },
      clock,
      logger,
      drainAlerts: alerts.drain,
    });
  });
