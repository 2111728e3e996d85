/** Known answers out of providers' SDKs and real deliveries, read from outside the project when they are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isBodyAsSaved, providerNameOf, readSavedDeliveries, toVerifyInput } from '../../src/cli/saved-delivery.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { describeWithVectors, VECTORS_FOLDER } from '../support/vectors.ts';
import { configurableNamed, NOW, settingsWith } from './provider-inputs.ts';

const FILES = [
  { file: 'stripe-webhooks.json', countMin: 5 },
  { file: 'paypal-webhooks.json', countMin: 9 },
  { file: 'square-webhooks.json', countMin: 5 },
  { file: 'adyen-webhooks.json', countMin: 3 },
  { file: 'standard-webhooks.json', countMin: 3 },
];

/** Bodies that SDK authors made up: signed, but no event. */
const REASONS_UNPARSABLE = new Map([['plain', 'event_id_missing']]);
const TRUSTS = ['host-pinned', 'strict'] as const;

describeWithVectors('provider.verify on the known answers', () => {
  for (const { file, countMin } of FILES) {
    const saved = readSavedDeliveries(JSON.parse(readFileSync(join(VECTORS_FOLDER, file), 'utf8')));

    test(`${file} holds at least ${countMin} vectors`, () => {
      expect(saved.vectors.length).toBeGreaterThanOrEqual(countMin);
    });

    for (const vector of saved.vectors) {
      const provider = providerNamed(providerNameOf(vector, saved) ?? '');
      for (const certificateTrust of provider?.name === 'paypal' ? TRUSTS : TRUSTS.slice(0, 1)) {
        test(`${file}: ${vector.name} is to ${vector.expect} (${certificateTrust})`, async () => {
          const fallback = {
            now: NOW,
            secrets: [],
            settings: settingsWith({ notificationUrl: null, certificateTrust }),
            configurable: configurableNamed(provider?.name ?? ''),
          };
          const input = toVerifyInput(vector, saved, fallback);

          const verification = await provider?.verify(input);

          expect(isBodyAsSaved(vector)).toBe(true);
          expect(verification?.outcome).toBe(vector.expect === 'accept' ? 'verified' : 'rejected');
          if (verification?.outcome === 'verified') {
            const result = provider?.parse(input.delivery, verification);
            const reason = result?.outcome === 'unparsable' ? result.reason : null;
            expect(reason).toBe(REASONS_UNPARSABLE.get(vector.name ?? '') ?? null);
          }
        });
      }
    }
  }
});
