/**
 * The mark of a synthetic webhook: one that we made ourselves, to see that a home works. It is a header with a code over the
 * whole body, made with the signing secret that the delivery is signed with: who cannot sign cannot mark, and who takes
 * the mark of one delivery to another has a wrong one. A mark that is wrong is as if it were not there.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Delivery, Provider } from '../core/ports/provider.ts';
import { singleHeader } from '../core/ports/provider.ts';
import type { Secret } from '../core/ports/secret-source.ts';
import { SYNTHETIC_REACHES, type SyntheticReach } from '../core/webhook.ts';

export const SYNTHETIC_HEADER = 'payhook-synthetic';

export interface Marked {
  readonly provider: Pick<Provider, 'name' | 'developmentCertificate'>;
  /** Hex, of the body as it is sent. */
  readonly bodySha256: string;
}

/** No provider signs a text that begins so: what it signs is never a mark, and a mark never a signature. */
const codeOf = ({ provider, bodySha256 }: Marked, secret: string, reach: SyntheticReach): string =>
  createHmac('sha256', secret).update(`payhook-synthetic-v1 ${provider.name} ${reach} ${bodySha256}`).digest('hex');

/** Where a certificate proves who sent it, what is configured as a secret is none: anybody may know it. */
export const canBeMarked = ({ developmentCertificate }: Marked['provider']): boolean =>
  developmentCertificate === undefined;

/** The header's value. */
export const syntheticMark = (marked: Marked, secret: string, reach: SyntheticReach): string =>
  `${reach} ${codeOf(marked, secret, reach)}`;

/** What the mark of a verified delivery says; null when there is none that holds. `secret` is the one that verified it. */
export const syntheticReachOf = ({
  delivery,
  secret,
  ...marked
}: Marked & { readonly delivery: Delivery; readonly secret: Secret | undefined }): SyntheticReach | null => {
  const mark = singleHeader(delivery.headers, SYNTHETIC_HEADER);
  if (mark === undefined || secret === undefined || !canBeMarked(marked.provider)) return null;
  const [said, code = ''] = mark.split(' ');
  const reach = SYNTHETIC_REACHES.find((known) => known === said);
  if (reach === undefined) return null;
  const [given, expected] = [Buffer.from(code), Buffer.from(codeOf(marked, secret.value, reach))];
  return given.length === expected.length && timingSafeEqual(given, expected) ? reach : null;
};
