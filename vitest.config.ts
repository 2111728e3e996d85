import { defineConfig } from 'vitest/config';
import { TallyReporter } from './test/tally-reporter.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Most suites start processes or fsync: what takes longer than this hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    allowOnly: false,
    reporters: ['default', new TallyReporter()],
  },
});
