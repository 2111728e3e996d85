import { defineConfig } from 'vitest/config';
import { TallyReporter } from './test/tally-reporter.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'infra/**/*.test.ts', 'test/**/*.test.ts'],
    // Against emulators that have to be installed first: npm run test:aws.
    exclude: ['**/node_modules/**', 'test/aws/**'],
    // Most suites start processes or fsync: what takes longer than this hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    allowOnly: false,
    reporters: ['default', new TallyReporter()],
  },
});
