/**
 * Ends a test run with one line for the whole of it: `N passed, N failed, N skipped`. Prints why each skipped test was
 * skipped, and in CI fails the run when one has no reason. Names each test that passed at its second try (the config
 * grants one in CI), and fails the run when more than `SECOND_TRIES_MAX` needed it: then it is not the machine.
 */
import { appendFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

const SECOND_TRIES_MAX = 5;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

export class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests: TestCase[] = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    // A file that does not load, or an error outside of any test, has no test of its own to fail.
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length;
    let failed = count('failed') + broken;
    const reasons = new Map<string, number>();
    for (const test of tests) {
      const result = test.result();
      if (result.state !== 'skipped') continue;
      const reason = result.note ?? '';
      if (reason === '' && process.env.CI !== undefined) failed += 1;
      const key = reason === '' ? `without a reason: ${test.fullName}` : reason;
      reasons.set(key, (reasons.get(key) ?? 0) + 1);
    }
    for (const [reason, times] of reasons) print(`skipped ${times}: ${reason}`);
    const retried = tests.filter((test) => test.diagnostic()?.flaky === true);
    if (retried.length > SECOND_TRIES_MAX) failed += retried.length;
    if (failed > 0) process.exitCode = 1;
    const [passed, skipped] = [count('passed'), count('skipped')];
    // Several runs of one CI job: `.ci/run` adds them up and says it once, at its end, where all else may be cut off.
    const file = process.env.TEST_TALLY_FILE;
    const lines = [
      ...retried.map((test) => `second try: ${nameOf(test)}: ${test.result().errors?.[0]?.message ?? ''}`),
      ...tests.filter((test) => test.result().state === 'failed').map((test) => `failed: ${nameOf(test)}`),
      ...modules.filter((module) => module.errors().length > 0).map((module) => `failed: ${module.relativeModuleId}`),
      ...unhandled.map(({ message }) => `failed: outside of any test: ${message}`),
    ].map((line) => line.replaceAll('\n', ' '));
    if (file !== undefined) appendFileSync(file, `${[...lines, `${passed} ${failed} ${skipped}`].join('\n')}\n`);
    else for (const line of [...lines, `${passed} passed, ${failed} failed, ${skipped} skipped`]) print(line);
  }
}
