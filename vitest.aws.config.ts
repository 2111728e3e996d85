import { defineConfig } from 'vitest/config';
import { TallyReporter } from './test/tally-reporter.ts';

/** Against emulators of AWS: `npm run test:aws`, which installs them first. */
export default defineConfig({
  test: {
    include: ['test/aws/**/*.test.ts'],
    // A container of servers for each file; more of them at a time than cores only makes all of them slow.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    allowOnly: false,
    reporters: ['default', new TallyReporter()],
  },
});
