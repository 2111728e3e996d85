/** What the configuration says about PayPal: how its signing certificate is trusted, and whether its simulator is. */
import { z } from 'zod';
import type { ProviderSettings, SettingsInput } from '../provider-settings.ts';

export interface PaypalConfig {
  /**
   * How the signing certificate is trusted beyond its URL, name and validity: `strict` also demands a chain to a
   * trusted root, which needs the current intermediate certificates. @default 'host-pinned'
   */
  readonly certificateTrust?: 'strict' | 'host-pinned';
  /** Files with PEM certificates that end a chain. @default the roots that come with Node */
  readonly trustedRootFiles?: readonly string[];
  /** Files with PEM certificates between PayPal's leaf and the root. */
  readonly intermediateFiles?: readonly string[];
  /** Accept PayPal's simulator, whose signature anybody can obtain. Refused in mode `live`. @default false */
  readonly isSimulatorAllowed?: boolean;
  /**
   * Ask PayPal's API for each event before anything is done about its payment: the signature binds the body by a CRC-32 only, so
   * whoever has seen one delivery can make another. Needs `PAYHOOK_PAYPAL_API_CREDENTIALS`, on AWS the secret `paypal-api`.
   * @default false
   */
  readonly isConfirmedByApi?: boolean;
  /**
   * Ask PayPal’s API for the present state where an event names no payment, or the events of a payment contradict each other. What it
   * says attributes the event and is kept with the webhook; no amount changes by it. Needs `PAYHOOK_PAYPAL_API_CREDENTIALS`, on AWS
   * the secret `paypal-api`, with the right to read such objects. @default false
   */
  readonly isPresentStateAsked?: boolean;
}

export interface PaypalSettings {
  /** How the signing certificate is trusted beyond its URL, name and validity. */
  readonly certificateTrust: 'strict' | 'host-pinned';
  /** For `strict`: PEM certificates that end a chain. Empty means the roots that come with Node. */
  readonly trustedRoots: readonly string[];
  /** For `strict`: PEM certificates between leaf and root; the certificate URL serves the leaf only. */
  readonly intermediates: readonly string[];
  /** Accept the simulator, which signs for everybody alike. Only for tests. */
  readonly isSimulatorAllowed: boolean;
  /** Compare each event with PayPal's API before anything is done about its payment. */
  readonly isConfirmedByApi: boolean;
  /** Ask PayPal's API where events name no payment, or contradict each other. @default false */
  readonly isPresentStateAsked?: boolean;
}

const paths = z.array(z.string().min(1)).readonly().default([]);
const schema = z.strictObject({
  certificateTrust: z.enum(['strict', 'host-pinned']).default('host-pinned'),
  trustedRootFiles: paths,
  intermediateFiles: paths,
  isSimulatorAllowed: z.boolean().default(false),
  isConfirmedByApi: z.boolean().default(false),
  isPresentStateAsked: z.boolean().default(false),
});
type File = z.output<typeof schema>;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const readPem = (path: string, { readFile, report }: SettingsInput<File>): readonly string[] => {
  const file = readFile(path);
  const certificates = file.text?.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    report({ setting: '', found: file.path, expected: 'a file with PEM certificates' });
  }
  return certificates;
};

export const paypalSettings: ProviderSettings<PaypalSettings, File> = {
  schema,
  settingsOf: (input) => {
    const { certificateTrust, trustedRootFiles, intermediateFiles, isSimulatorAllowed } = input.file;
    const { isConfirmedByApi, isPresentStateAsked } = input.file;
    if (isSimulatorAllowed && input.mode === 'live') {
      input.report({
        setting: 'isSimulatorAllowed',
        found: 'true in mode live',
        expected: 'false: anybody can obtain a signed simulator event',
      });
    }
    return {
      certificateTrust,
      trustedRoots: trustedRootFiles.flatMap((path) => readPem(path, input)),
      intermediates: intermediateFiles.flatMap((path) => readPem(path, input)),
      isSimulatorAllowed,
      isConfirmedByApi,
      isPresentStateAsked,
    };
  },
  ofSaved: (settings, { roots, intermediates }) => ({
    ...settings,
    trustedRoots: roots.length > 0 ? roots : settings.trustedRoots,
    intermediates: intermediates.length > 0 ? intermediates : settings.intermediates,
  }),
};

// Does not compile when the schema refuses what the documented type allows.
void ((config: PaypalConfig): z.input<typeof schema> => config);
