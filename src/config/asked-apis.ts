/** Of which providers the API is asked while a webhook is processed, and the credential that it takes. */
import type { Provider } from '../core/ports/provider.ts';
import { credentialsNameOf, EVENTS_APIS } from '../providers/events-apis.ts';
import type { ConfigProblem } from './config-problem.ts';

export interface AskedApis {
  /** What they deliver is compared with their API before money moves. */
  readonly toConfirm: readonly string[];
  /** The data of their thin events is fetched for handlers. */
  readonly toFetch: readonly string[];
  /** Where their events name no payment, or contradict each other, they are asked for the present state. */
  readonly toAskPresent: readonly string[];
}

/** Where an operator of the home puts the credential of a provider's API. */
export const adviceForCredential = (provider: string, home: 'local' | 'aws'): string => {
  const api = EVENTS_APIS.find((each) => each.provider === provider);
  if (api === undefined) return `the API of ${provider} cannot be asked`;
  return home === 'aws' ? `payhook secrets set ${credentialsNameOf(api)}` : `set ${api.credentialVariable}`;
};

type Asking = Pick<Provider, 'name' | 'isConfirmedByApi' | 'areThinEventsFetched' | 'isPresentStateAsked'>;

/** `settingsOf`: as the file has them, or as they were made of it; undefined for a provider that is not configured. */
export const askedApisOf = (providers: readonly Asking[], settingsOf: (provider: string) => unknown): AskedApis => {
  const named = (isAsked: (provider: Asking, settings: unknown) => boolean | undefined): readonly string[] =>
    providers
      .filter((provider) => settingsOf(provider.name) !== undefined)
      .filter((provider) => isAsked(provider, settingsOf(provider.name)) === true)
      .map(({ name }) => name);
  return {
    toConfirm: named(({ isConfirmedByApi }, settings) => isConfirmedByApi?.(settings)),
    toFetch: named(({ areThinEventsFetched }, settings) => areThinEventsFetched?.(settings)),
    toAskPresent: named(({ isPresentStateAsked }, settings) => isPresentStateAsked?.(settings)),
  };
};

/** The settings that ask, as the configuration names them. */
export const askingSettings = ({ toConfirm, toFetch, toAskPresent }: AskedApis) => [
  ...toConfirm.map((provider) => ({ provider, setting: `providers.${provider}.isConfirmedByApi` })),
  ...toFetch.map((provider) => ({ provider, setting: `providers.${provider}.areThinEventsFetched` })),
  ...toAskPresent.map((provider) => ({ provider, setting: `providers.${provider}.isPresentStateAsked` })),
];

/** On one machine the credential is in the environment: without it no such event could ever be acted on. */
export const checkAskedApis = (
  asked: AskedApis,
  credentials: ReadonlyMap<string, readonly string[]>,
  where: string,
  problems: ConfigProblem[],
): void => {
  for (const { provider, setting } of askingSettings(asked)) {
    if (credentials.has(provider)) continue;
    problems.push({
      where: `setting ${setting} in ${where}`,
      found: 'true, and no credential to ask with',
      expected: `${adviceForCredential(provider, 'local')}, or false; docs/reconcile.md says which rights it needs`,
    });
  }
};
