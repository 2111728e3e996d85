/** What the APIs of providers are asked with on AWS: credentials out of Secrets Manager, which may be set at any time. */
import { createSecretsManagerSecretSource } from '../../adapters/aws/secrets/secret-source.ts';
import { createCallApi } from '../../adapters/http/call-api.ts';
import { awsNames } from '../../config/aws-names.ts';
import type { BakedSettings } from '../../config/baked-settings.ts';
import { openLists } from '../../config/event-sources.ts';
import type { CallApi } from '../../core/ports/call-api.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { EventSource } from '../../core/ports/provider-events.ts';
import type { SecretSource } from '../../core/ports/secret-source.ts';
import type { EventsApi } from '../../providers/events-api.ts';
import { EVENTS_APIS } from '../../providers/events-apis.ts';
import type { OpenedFunction } from './open-function.ts';

export interface OpenApiListsInput
  extends Pick<OpenedFunction<'reconciler' | 'processor'>, 'clock' | 'logger' | 'secretsManager'> {
  readonly settings: BakedSettings;
  readonly environmentSuffix: string;
  /** How long one request may take. @default LIMITS.apiCallMsMax */
  readonly msMax?: number;
}

/** A configured provider whose API lists events. */
export interface ApiList {
  readonly name: string;
  /** None without a credential. Throws `secrets_unavailable`. */
  readonly sources: () => Promise<readonly EventSource[]>;
  /** As they are now. Throws the same. */
  readonly values: () => Promise<readonly string[]>;
  readonly asking: { readonly call: CallApi; readonly clock: Clock };
}

/** Of the configured providers whose API lists events. What is known of a credential, such as a token, is kept for as long as it is that one. */
export const openApiLists = (input: OpenApiListsInput): readonly ApiList[] => {
  const { settings, environmentSuffix, clock, logger, secretsManager: client, msMax } = input;
  const names = awsNames(environmentSuffix);
  const apis = EVENTS_APIS.filter(({ provider }) => settings.providers.some(({ name }) => name === provider));
  const credentials: SecretSource = createSecretsManagerSecretSource({
    client,
    secretNames: new Map(apis.map(({ provider }) => [provider, names.apiCredentials(provider)])),
    checkSecret: (provider, value) => problemOfCredential(settings, provider, value),
    clock,
    logger,
  });
  const asking = { call: createCallApi({ clock, ...(msMax === undefined ? {} : { msMax }) }), clock };
  return apis.map((api) => ({
    name: api.provider,
    sources: createSources(api, credentials, (values) => openLists(api, values, settings.reconcile, asking)),
    values: async () => (await credentials.secretsOf(api.provider)).map(({ value }) => value),
    asking,
  }));
};

const createSources = (
  { provider }: EventsApi,
  credentials: SecretSource,
  open: (values: readonly string[]) => readonly EventSource[],
): ApiList['sources'] => {
  let known: { readonly ids: string; readonly sources: readonly EventSource[] } | undefined;
  return async () => {
    const secrets = await credentials.secretsOf(provider);
    const ids = secrets.map(({ id }) => id).join();
    if (known?.ids !== ids) known = { ids, sources: open(secrets.map(({ value }) => value)) };
    return known.sources;
  };
};

const problemOfCredential = ({ mode }: BakedSettings, provider: string, value: string): string | null => {
  const api = EVENTS_APIS.find((each) => each.provider === provider);
  if (api === undefined) return null;
  const problem = api.checkCredential(value);
  if (problem !== null) return problem;
  return mode === null || api.modeOfCredential(value) === mode ? null : `is not of mode ${mode}, which is configured`;
};
