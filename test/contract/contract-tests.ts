/** How contract suites name their tests, and how an adapter says which of them it cannot keep, and why. */
import { expect, test } from 'vitest';

/** A difference that is known and meant. Printed by the test run. */
export interface SkippedTest {
  /** The title of the test, word for word. */
  readonly test: string;
  readonly reason: string;
}

export interface ContractOptions {
  readonly skip?: readonly SkippedTest[] | undefined;
}

/** What the suite of a port runs against. Tests take these from lists, so that the test of I9 can compare the lists. */
export interface Adapter<Open> extends ContractOptions {
  readonly name: string;
  readonly open: Open;
}

export type ContractTest = (title: string, run: () => Promise<void> | void) => void;

/**
 * Runs `define` with a function that registers one test of the suite. A skip that names no test of the suite fails: it
 * would hide nothing today and something tomorrow.
 */
export const defineContract = ({ skip = [] }: ContractOptions, define: (test: ContractTest) => void): void => {
  const titles = new Set<string>();
  define((title, run) => {
    titles.add(title);
    const skipped = skip.find((entry) => entry.test === title);
    test(title, async (context) => {
      if (skipped !== undefined) context.skip(skipped.reason);
      await run();
    });
  });
  const unknown = skip.filter((entry) => !titles.has(entry.test)).map((entry) => entry.test);
  if (unknown.length > 0) test('skips only tests that exist', () => expect(unknown).toEqual([]));
};
