/** Signs bodies as a provider would, with the secrets of this machine or with those of a deployed stack. */
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Provider, SignedDelivery, SignInput } from '../core/ports/provider.ts';
import { hasDatabase, openDataDirectory } from '../homes/local/data-directory.ts';
import { readDevelopmentCertificate } from '../homes/local/development-certificates.ts';
import { resolveSecrets } from '../homes/local/development-secrets.ts';
import { developmentUrlOf } from '../homes/local/development-url.ts';
import { openLocalDirectory } from '../homes/open-home.ts';
import type { CommandContext } from './command-context.ts';

/** Signs one delivery, as of now. */
export type Sign = (body: Uint8Array) => SignedDelivery;

export interface Signing {
  readonly secret: string;
  readonly sign: Sign;
}

/** Throws `configuration_invalid` when there is nothing to sign with. */
export const createSign = async (context: CommandContext, settings: Settings, provider: Provider): Promise<Sign> =>
  (await createLocalSigning(context, settings, provider)).sign;

/** The same, and the secret that it signs with. */
export const createLocalSigning = async (
  context: CommandContext,
  settings: Settings,
  provider: Provider,
): Promise<Signing> => {
  const { clock } = context;
  const directory = openDataDirectory(settings.dataDirectory);
  // No key is needed for this. Whoever has lost one hears of it all the same, before anything is sent or made.
  if (hasDatabase(directory)) await openLocalDirectory({ settings, clock }, async () => undefined);
  const secrets = resolveSecrets(settings, directory, createSystemRandomness(clock));
  const [secret] = await createMemorySecretSource(secrets.byProvider).secretsOf(provider.name);
  const { name, title, secretVariable, developmentCertificate } = provider;
  if (secret === undefined || !settings.providerSettings.has(name)) {
    throw new PayhookError(
      'configuration_invalid',
      `provider ${name} is not configured, or has no secret to sign with`,
    );
  }
  if (developmentCertificate !== undefined && !secrets.generated.has(name)) {
    throw new PayhookError(
      'configuration_invalid',
      `${title} signs with a private key that only ${title} has: unset ${secretVariable} in server and command to send with the development certificate`,
    );
  }
  const certificate =
    developmentCertificate === undefined
      ? null
      : {
          url: developmentCertificate.url,
          privateKeyPem: (await readDevelopmentCertificate(directory, name, developmentCertificate, clock))
            .leafPrivateKeyPem,
        };
  const url = developmentUrlOf(name);
  return signingWith(context, settings, provider, { secret: secret.value, certificate, url });
};

export interface SigningInput extends Pick<SignInput, 'secret' | 'certificate'> {
  /** Where it is sent to, unless the configuration says what is signed. */
  readonly url: string;
}

export const signingWith = (
  { clock }: CommandContext,
  settings: Settings,
  provider: Provider,
  { secret, certificate, url }: SigningInput,
): Signing => {
  const randomness = createSystemRandomness(clock);
  const providerSettings = settings.providerSettings.get(provider.name);
  return {
    secret,
    sign: (body) =>
      provider.sign({
        body,
        secret,
        settings: providerSettings,
        publicUrl: provider.configuredUrl?.(providerSettings) ?? url,
        now: clock.now(),
        deliveryId: randomness.id(),
        certificate,
      }),
  };
};
