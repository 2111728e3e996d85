/** What happens to headers on their way, undone. */
import type { DeliveryHeaders, VerifyInput } from '../core/ports/provider.ts';
import type { HeaderDamage } from './diagnosis.ts';
import { type WhatIf, withDelivery, withHeader } from './what-if.ts';

/** What gateways, CGI and frameworks put in front of a name. */
const PREFIXES = /^(?:http|xamznremapped|xforwarded|xoriginal|x)+/;

const bareName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(PREFIXES, '');

/** Headers that are not there under their name but under one like it. */
export const renamedHeaders = (
  headers: DeliveryHeaders,
  needed: readonly string[],
): readonly { readonly header: string; readonly found: string }[] => {
  const byBareName = new Map([...headers.keys()].map((name) => [bareName(name), name]));
  return needed
    .filter((header) => !headers.has(header))
    .flatMap((header) => {
      const found = byBareName.get(bareName(header));
      return found === undefined ? [] : [{ header, found }];
    });
};

const unrenamed = (input: VerifyInput, needed: readonly string[]): readonly WhatIf[] => {
  const { headers } = input.delivery;
  const renamed = renamedHeaders(headers, needed);
  const [first] = renamed;
  if (first === undefined) return [];
  const back = renamed.map(({ header, found }) => [header, headers.get(found) ?? []] as const);
  return [
    {
      input: withDelivery(input, { headers: new Map([...headers, ...back]) }),
      diagnosis: () => ({ kind: 'header_renamed', ...first }),
    },
  ];
};

/** `undefined` where it cannot have been that. */
const percentDecoded = (value: string): string | undefined => {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
};

/** Two of the same, joined by a proxy. */
const half = (value: string): string | undefined => {
  const middle = value.indexOf(',', Math.floor((value.length - 1) / 2) - 1);
  const left = value.slice(0, Math.max(middle, 0)).trim();
  return middle > 0 && left === value.slice(middle + 1).trim() ? left : undefined;
};

const BASE64_ENDING = /[A-Za-z0-9+/_-]{20,}={0,2}$/;

/** Base64 in its one spelling: made for URLs, read as a form, or without padding before. */
const standardBase64 = (value: string): string =>
  value
    .trim()
    .replaceAll(' ', '+')
    .replace(BASE64_ENDING, (text) => {
      const bare = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
      return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
    });

const DAMAGES: readonly (readonly [HeaderDamage, (value: string) => string | undefined])[] = [
  ['white_space', (value) => value.trim()],
  ['white_space', (value) => value.replace(/\s+/g, '')],
  ['quoted', (value) => value.trim().replace(/^["'`]+|["'`]+$/g, '')],
  ['percent_encoded', percentDecoded],
  ['letter_case', (value) => value.toLowerCase()],
  ['repeated', half],
  ['prefix_added', (value) => value.replace(/^(?:sha256|hmac|signature|bearer)[= ]\s*/i, '')],
  ['base64_altered', standardBase64],
];

function* undamaged(input: VerifyInput, header: string): Generator<WhatIf> {
  const values = input.delivery.headers.get(header) ?? [];
  const whatIf = (value: string, how: HeaderDamage): WhatIf => ({
    input: withHeader(input, header, value),
    diagnosis: () => ({ kind: 'header_damaged', header, how }),
  });
  if (values.length > 1) for (const value of new Set(values.slice(0, VALUES_MAX))) yield whatIf(value, 'repeated');
  const [only] = values;
  if (only === undefined || values.length > 1) return;
  for (const [how, undo] of DAMAGES) {
    const value = undo(only);
    if (value !== undefined && value !== only) yield whatIf(value, how);
  }
}

const VALUES_MAX = 4;

export function* headerChanges(input: VerifyInput, needed: readonly string[]): Generator<WhatIf> {
  yield* unrenamed(input, needed);
  for (const header of needed) yield* undamaged(input, header);
}
