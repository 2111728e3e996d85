/** What goes wrong with Adyen's deliveries: most carry their signatures inside, over some fields. */
import { readJson } from '../../core/read-json.ts';
import { renamedHeaders } from '../../doctor/header-changes.ts';
import type { ProviderDoctor } from '../../doctor/what-if.ts';
import { objectOf, textOf } from '../read-fields.ts';
import { SIGNATURE_HEADER } from './header-webhook.ts';
import { itemsOfNotification } from './items.ts';

const HEADERS: readonly string[] = [SIGNATURE_HEADER];

const bodyOf = (body: Uint8Array) => {
  const read = readJson(body);
  return read.outcome === 'read' ? read.value : null;
};

export const adyenDoctor: ProviderDoctor = {
  neededHeaders: (headers) =>
    headers.has(SIGNATURE_HEADER) || renamedHeaders(headers, HEADERS).length > 0 ? HEADERS : [],
  isBodySigned: (headers) => headers.has(SIGNATURE_HEADER),
  modeSaid: ({ body }) => {
    const { live, environment } = objectOf(bodyOf(body) ?? undefined);
    if (live === 'true' || live === true || environment === 'live') return 'live';
    return live === 'false' || live === false || environment === 'test' ? 'test' : null;
  },
  explain: ({ input: { delivery } }, reason) => {
    if (reason !== 'signature_missing') return null;
    const items = itemsOfNotification(bodyOf(delivery.body));
    if (items === null) return { kind: 'header_missing', header: SIGNATURE_HEADER };
    const isUnsigned = items.every((item) => textOf(objectOf(item.additionalData).hmacSignature) === null);
    return isUnsigned ? { kind: 'signature_not_switched_on' } : null;
  },
};
