/** Signs bodies as a provider would, with the secrets of this machine. */
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Provider, SignedDelivery } from '../core/ports/provider.ts';
import { hasDatabase, openDataDirectory } from '../homes/local/data-directory.ts';
import { readDevelopmentCertificate } from '../homes/local/development-certificates.ts';
import { resolveSecrets } from '../homes/local/development-secrets.ts';
import { developmentUrlOf } from '../homes/local/development-url.ts';
import { openLocalDirectory } from '../homes/open-home.ts';
import type { CommandContext } from './command-context.ts';

/** Signs one delivery, as of now. */
export type Sign = (body: Uint8Array) => SignedDelivery;

/** Throws `configuration_invalid` when there is nothing to sign with. */
export const createSign = async (context: CommandContext, settings: Settings, provider: Provider): Promise<Sign> => {
  const { clock } = context;
  const randomness = createSystemRandomness(clock);
  const directory = openDataDirectory(settings.dataDirectory);
  // No key is needed for this. Whoever has lost one hears of it all the same, before anything is sent or made.
  if (hasDatabase(directory)) await openLocalDirectory({ settings, clock }, async () => undefined);
  const secrets = resolveSecrets(settings, directory, randomness);
  const providerSettings = settings.providerSettings.get(provider.name);
  const [secret] = await createMemorySecretSource(secrets.byProvider).secretsOf(provider.name);
  if (secret === undefined || providerSettings === undefined) {
    throw new PayhookError(
      'configuration_invalid',
      `provider ${provider.name} is not configured, or has no secret to sign with`,
    );
  }
  const { name, title, secretVariable, developmentCertificate } = provider;
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
  return (body) =>
    provider.sign({
      body,
      secret: secret.value,
      settings: providerSettings,
      publicUrl: provider.configuredUrl?.(providerSettings) ?? developmentUrlOf(name),
      now: clock.now(),
      deliveryId: randomness.id(),
      certificate,
    });
};
