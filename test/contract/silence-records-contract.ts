/** What whoever keeps what was learnt of silence does with it. */
import { describe, expect } from 'vitest';
import type { SilenceRecords } from '../../src/core/ports/silence-records.ts';
import { type ContractOptions, defineContract } from './contract-tests.ts';

export interface SilenceRecordsHarness extends AsyncDisposable {
  readonly silence: SilenceRecords;
}

export type OpenSilenceRecords = () => Promise<SilenceRecordsHarness>;

export const describeSilenceRecords = (name: string, open: OpenSilenceRecords, options: ContractOptions = {}): void => {
  describe(`SilenceRecords: ${name}`, () => {
    defineContract(options, (test) => {
      test('give back what was put, whatever it is', async () => {
        await using harness = await open();
        const { silence } = harness;
        const text = JSON.stringify({ words: 'of “any” kind, '.repeat(3000) });
        expect(await silence.get()).toBeUndefined();

        expect(await silence.put(text, 0)).toBe(true);

        expect(await silence.get()).toEqual({ text, revision: 1 });
      });

      test('take a change of what was read, and only of that', async () => {
        await using harness = await open();
        const { silence } = harness;
        await silence.put('first', 0);

        expect([await silence.put('second', 1), await silence.put('third', 1), await silence.put('fourth', 0)]).toEqual(
          [true, false, false],
        );

        expect(await silence.get()).toEqual({ text: 'second', revision: 2 });
      });

      test('let one of any number have it that write at the same time', async () => {
        await using harness = await open();
        const { silence } = harness;

        const first = await Promise.all(['a', 'b', 'c'].map((text) => silence.put(text, 0)));
        const second = await Promise.all(['a', 'b', 'c'].map((text) => silence.put(text, 1)));

        expect([first, second].map((all) => all.filter(Boolean))).toEqual([[true], [true]]);
        expect((await silence.get())?.revision).toBe(2);
      });
    });
  });
};
