/** What the commands with the signature doctor share: what it is given of the configuration, and how it is printed. */
import type { Settings } from '../config/load-config.ts';
import type { SecretSource } from '../core/ports/secret-source.ts';
import type { DoctorReport } from '../doctor/advice.ts';
import type { Endpoint } from '../doctor/what-if.ts';

/** Every configured provider with the secrets that are valid now. */
export const endpointsOf = (settings: Settings, source: SecretSource): Promise<readonly Endpoint[]> =>
  Promise.all(
    settings.known
      .filter(({ provider }) => settings.providerSettings.has(provider.name))
      .map(async ({ provider }) => ({
        provider,
        settings: settings.providerSettings.get(provider.name),
        secrets: await source.secretsOf(provider.name),
      })),
  );

export const reportLines = (report: DoctorReport | null): readonly string[] => {
  if (report === null) return [];
  const { sentence, change } = report;
  return change === '' ? [sentence] : [sentence, `→ ${change}`];
};
