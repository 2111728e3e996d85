/** What senders get wrong who sign by the specification, and what happens to their deliveries. */
import type { DeliveryHeaders } from '../../core/ports/provider.ts';
import { renamedHeaders } from '../../doctor/header-changes.ts';
import { type ProviderDoctor, withHeader } from '../../doctor/what-if.ts';
import { readSecret } from './secrets.ts';
import { namesIn, STANDARD_NAMES, SVIX_NAMES } from './standard-webhooks.ts';

const listOf = (names: typeof STANDARD_NAMES): readonly string[] => [names.signature, names.id, names.timestamp];

const neededHeaders = (headers: DeliveryHeaders): readonly string[] => {
  const svix = listOf(SVIX_NAMES);
  return !headers.has(STANDARD_NAMES.signature) && renamedHeaders(headers, svix).length > 0
    ? svix
    : listOf(namesIn(headers) === SVIX_NAMES && headers.has(SVIX_NAMES.signature) ? SVIX_NAMES : STANDARD_NAMES);
};

const HEX = /^[0-9a-fA-F]{64}$/;
const inBase64 = (text: string, encoding: 'utf8' | 'hex'): string => Buffer.from(text, encoding).toString('base64');

export const standardWebhooksDoctor: ProviderDoctor = {
  neededHeaders,
  // The specification shows them so; further ones are each sender's own.
  keysFirst: ['type', 'timestamp', 'data'],
  secretPrefix: 'whsec_',
  isWholeSecret: (value) => {
    const text = readSecret(value).value.replace(/^wh[a-z]+_/, '');
    return text.length % 4 === 0 || (text.length % 4 !== 1 && !text.includes('='));
  },
  secretForms: (secret) => {
    const { value } = readSecret(secret);
    const bare = value.replace(/^whsec_/, '');
    const texts = [value, bare].map((text) => ['key_as_text', inBase64(text, 'utf8')] as const);
    return HEX.test(bare) ? [...texts, ['key_as_text', inBase64(bare, 'hex')]] : texts;
  },
  *whatIfs({ input }) {
    const { signature } = namesIn(input.delivery.headers);
    const value = input.delivery.headers.get(signature)?.[0]?.trim() ?? '';
    if (value.startsWith('v1')) return;
    const bare = value.replace(/^sha256=/, '');
    const base64 = HEX.test(bare) ? inBase64(bare, 'hex') : bare;
    yield {
      input: withHeader(input, signature, `v1,${base64}`),
      diagnosis: () => ({ kind: 'header_damaged', header: signature, how: 'prefix_missing' }),
    };
  },
};
