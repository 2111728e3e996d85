/** Signs bodies as a provider would, with the secrets of this machine. */
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { SecretProvider } from '../config/environment.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Provider, ProviderSettings, SignedDelivery } from '../core/ports/provider.ts';
import { openDataDirectory } from '../homes/local/data-directory.ts';
import { resolveSecrets } from '../homes/local/development-secrets.ts';
import { DEVELOPMENT_CERTIFICATE_URL, readDevelopmentCertificate } from '../homes/local/local-certificate-source.ts';
import type { CommandContext } from './command-context.ts';

/** Signs one delivery, as of now. */
export type Sign = (body: Uint8Array) => SignedDelivery;

/** Throws `configuration_invalid` when there is nothing to sign with. */
export const createSign = async (context: CommandContext, settings: Settings, provider: Provider): Promise<Sign> => {
  const { clock } = context;
  const randomness = createSystemRandomness(clock);
  const directory = openDataDirectory(settings.dataDirectory);
  const secrets = resolveSecrets(settings, directory, randomness);
  const providerSettings = settings.providerSettings.get(provider.name as SecretProvider);
  const [secret] = await createMemorySecretSource(secrets.byProvider).secretsOf(provider.name);
  if (secret === undefined || providerSettings === undefined) {
    throw new PayhookError(
      'configuration_invalid',
      `provider ${provider.name} is not configured, or has no secret to sign with`,
    );
  }
  if (provider.name === 'paypal' && !secrets.generated.has('paypal')) {
    throw new PayhookError(
      'configuration_invalid',
      'PayPal signs with a private key that only PayPal has: unset PAYHOOK_PAYPAL_WEBHOOK_IDS in server and command to send with the development certificate',
    );
  }
  const certificate =
    provider.name === 'paypal'
      ? {
          url: DEVELOPMENT_CERTIFICATE_URL,
          privateKeyPem: (await readDevelopmentCertificate(directory, clock)).leafPrivateKeyPem,
        }
      : null;
  return (body) =>
    provider.sign({
      body,
      secret: secret.value,
      settings: providerSettings as ProviderSettings,
      now: clock.now(),
      deliveryId: randomness.id(),
      certificate,
    });
};
