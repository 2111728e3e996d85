/** What is well formed, and would take away what signatures and TLS are for. */
import type { ConfigurableProvider } from '../providers/provider-settings.ts';
import type { ConfigProblem } from './config-problem.ts';
import { DESTINATION_SECRETS_VARIABLE } from './environment.ts';

/** In mode `live` nothing is made up. */
export const checkLiveSecrets = (
  configured: readonly ConfigurableProvider[],
  secrets: ReadonlyMap<string, readonly string[]>,
  where: string,
  problems: ConfigProblem[],
): void => {
  for (const { provider } of configured) {
    if ((secrets.get(provider.name) ?? []).length > 0) continue;
    problems.push({
      where: `environment variable ${provider.secretVariable}`,
      found: 'not set',
      expected: `in mode live every provider needs its own secrets: set it, or take ${provider.name} out of providers in ${where}`,
    });
  }
};

/** A secret of Standard Webhooks, with or without a label in front: what is in it, however its base64 is padded. */
const keyIn = (secret: string): string | undefined => /whsec_([A-Za-z0-9+/]+)={0,2}$/.exec(secret.trim())?.[1];

/**
 * A secret that both verifies what comes in and signs what goes out: whoever receives our messages could send them back
 * to us as a provider's. Says which two, and shows neither.
 */
export const checkSharedSecrets = (
  providers: readonly { readonly name: string; readonly variable: string; readonly secrets: readonly string[] }[],
  destinationSecrets: ReadonlyMap<string, readonly string[]>,
  problems: ConfigProblem[],
): void => {
  for (const { name, variable, secrets } of providers) {
    const keys = new Set(secrets.map(keyIn));
    for (const [destination, own] of destinationSecrets) {
      if (!own.some((secret) => keys.has(keyIn(secret)))) continue;
      problems.push({
        where: `environment variables ${variable} and ${DESTINATION_SECRETS_VARIABLE}`,
        found: `one secret for both the provider ${name} and the destination ${destination}`,
        expected: 'a secret for each: with one for both, messages to the destination would verify here',
      });
    }
  }
};

const TLS_VARIABLE = 'NODE_TLS_REJECT_UNAUTHORIZED';

/**
 * Node's switch that makes it believe every TLS certificate: PayPal's certificates and messages to destinations rest on
 * TLS, and so do calls of AWS. A problem in mode `live` and on AWS; elsewhere a warning is returned.
 */
export const checkTls = (
  env: Readonly<Record<string, string | undefined>>,
  { mode, home }: { readonly mode: 'live' | 'test' | undefined; readonly home: 'local' | 'aws' },
  problems: ConfigProblem[],
): readonly string[] => {
  // The one value that Node looks for.
  if (env[TLS_VARIABLE] !== '0') return [];
  if (mode !== 'live' && home === 'local') {
    return [
      `environment variable ${TLS_VARIABLE} is 0: nobody that is talked to over TLS is who they say; for a certificate of your own set NODE_EXTRA_CA_CERTS instead`,
    ];
  }
  problems.push({
    where: `environment variable ${TLS_VARIABLE}`,
    found: '"0", with which every TLS certificate is believed',
    expected: 'unset it; for a certificate of your own set NODE_EXTRA_CA_CERTS to its file',
  });
  return [];
};
