/** What goes wrong with PayPal's deliveries: an id of another webhook, a chain that is not there, a body that was changed. */
import { publicDecrypt } from 'node:crypto';
import { singleHeader, type VerifyInput } from '../../core/ports/provider.ts';
import type { ProviderDoctor } from '../../doctor/what-if.ts';
import { certificateOfPem, certificateProblem, certificateUrlEnvironment } from './certificate.ts';
import { CERTIFICATE_URL, NEEDED_FOR_SIGNATURE, readTransmission, signedAt, TRANSMISSION_TIME } from './paypal.ts';
import type { PaypalSettings } from './settings.ts';

/** 17 as far as seen. */
const WEBHOOK_ID_CHARS_MIN = 17;

/** How every PKCS #1 signature of a SHA-256 begins (RFC 8017, section 9.2, note 1). */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const DIGEST_BYTES = 32;

/** Whether the private key of PayPal's certificate has signed something, whatever it was. */
const isSignedByPaypal = async ({
  delivery,
  certificates,
  settings,
}: VerifyInput<PaypalSettings>): Promise<boolean> => {
  const transmission = readTransmission(delivery.headers);
  if (typeof transmission === 'string') return false;
  const environment = certificateUrlEnvironment(transmission.certificateUrl);
  const found = await certificates.fetch(transmission.certificateUrl, delivery.sender);
  const certificate = found.outcome === 'found' ? certificateOfPem(found.pem) : null;
  const at = signedAt(delivery);
  if (environment === null || certificate === null || at === null) return false;
  if (certificateProblem(certificate, environment, settings, at) !== null) return false;
  try {
    const info = publicDecrypt(certificate.publicKey, transmission.signature);
    const isDigest = info.length === SHA256_DIGEST_INFO.length + DIGEST_BYTES;
    return isDigest && info.subarray(0, SHA256_DIGEST_INFO.length).equals(SHA256_DIGEST_INFO);
  } catch {
    // The padding is not there: these bytes are no signature of this key.
    return false;
  }
};

export const paypalDoctor: ProviderDoctor<PaypalSettings> = {
  neededHeaders: () => [...NEEDED_FOR_SIGNATURE, TRANSMISSION_TIME],
  isWholeSecret: (value) => value.length >= WEBHOOK_ID_CHARS_MIN,
  modeSaid: ({ headers }) => {
    const environment = certificateUrlEnvironment(singleHeader(headers, CERTIFICATE_URL) ?? '');
    if (environment === null) return null;
    return environment === 'live' ? 'live' : 'test';
  },
  *whatIfs({ input }) {
    if (input.settings.certificateTrust === 'host-pinned') return;
    const settings: PaypalSettings = { ...input.settings, certificateTrust: 'host-pinned' };
    yield { input: { ...input, settings }, diagnosis: () => ({ kind: 'certificate_chain_missing' }) };
  },
  explain: async ({ input, mode }, reason) => {
    if (reason !== 'signature_mismatch') return null;
    const said = paypalDoctor.modeSaid?.(input.delivery) ?? null;
    if (!(await isSignedByPaypal(input))) return null;
    return said !== null && mode !== undefined && said !== mode
      ? { kind: 'mode_mixed', said, configured: mode }
      : { kind: 'signed_for_other_endpoint' };
  },
};
