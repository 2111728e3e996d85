/** What every list of objects says: all that a list of events does, of each object as the event that would tell of it. */
import { describe, expect, test } from 'vitest';
import type { ObjectList } from '../../src/core/ports/provider-objects.ts';
import { DAY_MS } from '../../src/core/time.ts';
import type { ContractOptions } from './contract-tests.ts';
import { describeProviderEvents, type ProviderEventsHarness } from './provider-events-contract.ts';

export interface ProviderObjectsHarness extends ProviderEventsHarness {
  readonly list: ObjectList;
}

export type OpenProviderObjects = () => Promise<ProviderObjectsHarness>;

export const describeProviderObjects = (
  name: string,
  open: OpenProviderObjects,
  options: ContractOptions = {},
): void => {
  describeProviderEvents(name, open, options);

  describe(`ProviderObjects: ${name}`, () => {
    test('lists further back than events are, and says by when what is made is listed', async () => {
      await using harness = await open();

      expect(harness.list.listedForMs).toBeGreaterThan(90 * DAY_MS);
      expect(harness.list.listedAfterMs).toBeLessThan(DAY_MS);
    });
  });
};
