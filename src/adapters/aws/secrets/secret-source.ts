/** Signing secrets out of Secrets Manager: one secret for each provider, remembered for less than five minutes. */

import { asPayhookError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Logger } from '../../../core/ports/logger.ts';
import type { Secret, SecretSource } from '../../../core/ports/secret-source.ts';
import { secretIdOf } from '../../../core/secret-id.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { awsError, isAwsError } from '../errors.ts';
import type { SecretsManagerCalls } from '../service-calls.ts';
import { readSecretValues } from './values.ts';

export interface SecretsManagerSecretSourceDeps {
  readonly client: SecretsManagerCalls;
  /** Name or ARN of the secret of each configured provider. */
  readonly secretNames: ReadonlyMap<string, string>;
  /** What is wrong with a secret of this provider, as the end of a sentence and without the secret; null when nothing is. */
  readonly checkSecret: (provider: string, value: string) => string | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SecretsManagerSecretSource extends SecretSource {
  /**
   * Reads the secrets of all providers with one call, at init. Does not throw: what cannot be read now is logged, and read again by
   * the delivery that needs it.
   */
  prefetch(): Promise<void>;
}

/** From this age on a list is replaced behind the back of the delivery that asks for it. */
const REFRESH_AGE_MS = 4 * 60_000;
/** From this age on nobody gets it any more: a secret that was taken away is refused after five minutes. */
const AGE_MS_MAX = 5 * 60_000;
/** After a refresh that failed: long enough not to join a storm, short enough for a few more before the list is too old. */
const REFRESH_PAUSE_MS = 10_000;
/** Longer than any call of a client. One that is older was frozen with its function and may never come back. */
const UNDERWAY_MS_MAX = 10_000;

/** One call of Secrets Manager. What it says may be as old as the moment at which it was made. */
interface Call {
  /** Counts calls: of two that overtook each other the later one is right. */
  readonly number: number;
  readonly askedAt: EpochMs;
}

interface Loaded extends Call {
  readonly secrets: readonly Secret[];
}

/** A time that lies ahead means that the clock was set back: nothing is known about its age then. */
const isYounger = (at: EpochMs, ageMs: number, now: EpochMs): boolean => at <= now && now - at < ageMs;

/** What is known of one secret. */
const createCachedSecrets = (
  clock: Clock,
  fetch: () => Promise<readonly Secret[]>,
  onRefreshFailed: (thrown: unknown) => void,
) => {
  let calls = 0;
  let loaded: Loaded | undefined;
  let underway: (Call & { readonly loading: Promise<readonly Secret[]> }) | undefined;
  let refreshedAt: EpochMs = Number.NEGATIVE_INFINITY;

  const start = (loadNow: () => Promise<readonly Secret[]> = fetch): Promise<readonly Secret[]> => {
    calls += 1;
    const call: Call = { number: calls, askedAt: clock.now() };
    const loading = loadNow()
      .then((secrets) => {
        if (call.number > (loaded?.number ?? 0)) loaded = { ...call, secrets };
        return secrets;
      })
      .finally(() => {
        if (underway?.number === call.number) underway = undefined;
      });
    underway = { ...call, loading };
    return loading;
  };

  /** One call at a time, whoever asks. */
  const load = (): Promise<readonly Secret[]> =>
    underway !== undefined && isYounger(underway.askedAt, UNDERWAY_MS_MAX, clock.now()) ? underway.loading : start();

  const refresh = (): void => {
    if (isYounger(refreshedAt, REFRESH_PAUSE_MS, clock.now())) return;
    refreshedAt = clock.now();
    load().catch(onRefreshFailed);
  };

  return {
    start,
    async secrets(): Promise<readonly Secret[]> {
      const known = loaded;
      if (known === undefined || !isYounger(known.askedAt, AGE_MS_MAX, clock.now())) return load();
      if (!isYounger(known.askedAt, REFRESH_AGE_MS, clock.now())) refresh();
      return known.secrets;
    },
  };
};

export const createSecretsManagerSecretSource = (deps: SecretsManagerSecretSourceDeps): SecretsManagerSecretSource => {
  const { clock, logger } = deps;
  const warn = (event: string, provider: string, thrown: unknown): void => {
    const { code, message } = asPayhookError(thrown);
    logger.warn(event, { provider, code, message });
  };
  const cached = new Map(
    [...deps.secretNames].map(([provider, secretName]) => {
      const fetch = () => fetchSecrets(deps, provider, secretName);
      return [provider, createCachedSecrets(clock, fetch, (thrown) => warn('secrets.not_refreshed', provider, thrown))];
    }),
  );

  const prefetchOne = async (provider: string, loading: Promise<readonly Secret[]>): Promise<void> => {
    try {
      const secrets = await loading;
      if (secrets.length > 0) return;
      logger.warn('secrets.missing', {
        provider,
        message: `provider ${provider} has no signing secret yet, its deliveries are answered 404: payhook secrets set ${provider}`,
      });
    } catch (thrown) {
      warn('secrets.not_loaded', provider, thrown);
    }
  };

  return {
    secretsOf: async (provider) => (await cached.get(provider)?.secrets()) ?? [],
    async prefetch() {
      const fetching = fetchTexts(deps);
      const secretsNow = async (provider: string): Promise<readonly Secret[]> => {
        const name = deps.secretNames.get(provider) ?? '';
        const texts = await fetching;
        return texts.has(name) ? secretsIn(deps, provider, name, texts.get(name)) : fetchSecrets(deps, provider, name);
      };
      const loading = [...cached].map(([provider, { start }]) => ({
        provider,
        secrets: start(() => secretsNow(provider)),
      }));
      await Promise.all(loading.map(({ provider, secrets }) => prefetchOne(provider, secrets)));
    },
  };
};

/** Secrets that one call reads at the most. */
const BATCH_MAX = 20;
/** A secret that has no value yet: nobody has set one since it was created. Deliveries are answered 404. */
const NO_VALUE = 'ResourceNotFoundException';
/** What the call for several is refused with as a whole where one for each of them would be answered. */
const ONE_BY_ONE = [NO_VALUE, 'AccessDeniedException'];

/** What the secrets of all providers say, by name, as few calls as take them. What it leaves out has to be asked for alone. */
const fetchTexts = async ({
  client,
  secretNames,
}: SecretsManagerSecretSourceDeps): Promise<ReadonlyMap<string, string | undefined>> => {
  const names = [...secretNames.values()];
  const texts = new Map<string, string | undefined>();
  try {
    for (let first = 0; first < names.length; first += BATCH_MAX) {
      const SecretIdList = names.slice(first, first + BATCH_MAX);
      const { SecretValues: values = [] } = await client.batchGetSecretValue({ SecretIdList });
      for (const { Name: name = '', SecretString: text } of values) texts.set(name, text);
    }
  } catch (error) {
    if (!isAwsError(error, ...ONE_BY_ONE)) throw awsError(error, 'secrets_unavailable', 'secrets of providers');
  }
  return texts;
};

const fetchSecrets = async (
  deps: SecretsManagerSecretSourceDeps,
  provider: string,
  secretName: string,
): Promise<readonly Secret[]> => {
  let text: string | undefined;
  try {
    ({ SecretString: text } = await deps.client.getSecretValue({ SecretId: secretName }));
  } catch (error) {
    if (isAwsError(error, NO_VALUE)) return [];
    throw awsError(error, 'secrets_unavailable', `secret ${secretName}`);
  }
  return secretsIn(deps, provider, secretName, text);
};

const secretsIn = (
  { checkSecret }: SecretsManagerSecretSourceDeps,
  provider: string,
  secretName: string,
  text: string | undefined,
): readonly Secret[] => {
  const values = readSecretValues(secretName, text, (value) => checkSecret(provider, value));
  return values.map((value) => ({ id: secretIdOf(provider, value), value }));
};
