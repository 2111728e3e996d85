import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../../../test/payments/catalogues/catalogue.ts';
import { adyenMapping } from './mapping.ts';

describe('the catalogue of Adyen', () => {
  test('is mapped or left out to the last type, and nothing else is', () => {
    const { types, olderNames } = catalogueOf('adyen');
    const known = [
      ...adyenMapping.rows.map(({ providerType }) => providerType),
      ...Object.values(adyenMapping.leftOut).flat(),
    ];

    expect(types.filter((type) => !known.includes(type))).toEqual([]);
    expect(known.filter((type) => !types.includes(type) && !olderNames.includes(type))).toEqual([]);
    expect(known.length).toBe(new Set(known).size);
  });
});
