/** What goes wrong with Square's deliveries, and how it writes them. */
import { singleHeader } from '../../core/ports/provider.ts';
import type { ProviderDoctor } from '../../doctor/what-if.ts';
import { ENVIRONMENT_HEADER, LEGACY_SIGNATURE_HEADER, SIGNATURE_HEADER } from './square.ts';

/** 128 bits in base64 without padding. */
const KEY_CHARS_MIN = 22;

export const squareDoctor: ProviderDoctor = {
  keysFirst: ['merchant_id', 'location_id', 'type', 'event_id', 'created_at', 'data'],
  isWholeSecret: (value) => value.replace(/^(?:live|test):/, '').length >= KEY_CHARS_MIN,
  modeSaid: ({ headers }) => {
    const environment = singleHeader(headers, ENVIRONMENT_HEADER)?.toLowerCase();
    if (environment === 'production') return 'live';
    return environment === 'sandbox' ? 'test' : null;
  },
  explain: ({ input: { delivery } }) => {
    const isLegacyAlone = !delivery.headers.has(SIGNATURE_HEADER) && delivery.headers.has(LEGACY_SIGNATURE_HEADER);
    return isLegacyAlone ? { kind: 'scheme_not_supported' } : null;
  },
};
