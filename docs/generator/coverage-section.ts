/** How much of each provider's catalogue is known, and what of it is left out, with the reason. */

import type { ProviderMapping } from '../../src/payments/mapping.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { catalogueOf } from '../../test/payments/catalogues/catalogue.ts';
import { code, table } from './markdown.ts';

const titleOf = (provider: string): string => providerNamed(provider)?.title ?? provider;

const coverageOf = ({ provider, rows, leftOut, catalogue }: ProviderMapping): readonly string[] => {
  const { types } = catalogueOf(provider);
  const mapped = new Set(rows.map(({ providerType }) => providerType));
  const omitted = new Set(Object.values(leftOut).flat());
  const known = [...mapped, ...omitted];
  const count = (isMeant: (type: string) => boolean): string => String(types.filter(isMeant).length);
  return [
    `[${titleOf(provider)}](${catalogue.source})`,
    catalogue.asOf,
    String(types.length),
    count((type) => mapped.has(type)),
    count((type) => omitted.has(type)),
    count((type) => !mapped.has(type) && !omitted.has(type)),
    String(known.filter((type) => !types.includes(type)).length),
  ];
};

const leftOutOf = ({ provider, leftOut }: ProviderMapping): string =>
  Object.entries(leftOut)
    .map(([reason, types]) => `- ${titleOf(provider)}, ${reason}: ${types.map(code).join(', ')}.`)
    .join('\n');

export const coverageSection = (mappings: readonly ProviderMapping[]): string => `## Coverage

Every type of each provider's catalogue is mapped, or left out with a reason. Whatever else a provider sends is
\`unknown_type\`: counted, alarmed once, and listed by \`payhook webhooks list --unknown\`. Older names are those that the
catalogue no longer has, or never had, and that are sent all the same.

${table(['Provider', 'As of', 'Types', 'Mapped', 'Left out', 'Unknown', 'Older names'], mappings.map(coverageOf))}

What is left out, and why:

${mappings.map(leftOutOf).join('\n')}`;
