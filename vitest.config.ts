import { defineConfig } from 'vitest/config';
import { TallyReporter } from './test/tally-reporter.ts';

/** Pure: neither a process, nor a socket, nor a disk that is waited for. */
const UNIT = [
  'src/**/*.test.ts',
  'test/*.test.ts',
  'test/{docs,payments,properties,providers}/**/*.test.ts',
  'test/vectors/payments-vectors.test.ts',
  'test/invariants/**/*.test.ts',
];
/** Of these the invariant about both homes, which has to listen. */
const NOT_UNIT = ['test/invariants/i9-same-answers.test.ts'];

/** What the tests of a project need is what tells projects apart. `npm run test:unit` runs the first, `npm test` all but the last. */
export default defineConfig({
  test: {
    allowOnly: false,
    reporters: ['default', new TallyReporter()],
    // Most suites start processes or fsync: what takes longer than this hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    setupFiles: ['test/support/property-runs.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/{receive,process,audit,providers,payments}/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: Object.fromEntries(
        ['receive', 'process', 'audit', 'providers', 'payments'].map((folder) => [
          `src/${folder}/**`,
          { lines: 98, branches: 92 },
        ]),
      ),
    },
    projects: [
      // Pure tests leave nothing behind, so that files can share a worker: it saves a third of the time.
      { extends: true, test: { name: 'unit', include: UNIT, exclude: NOT_UNIT, isolate: false } },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'process',
          include: [
            'test/{cli,destinations,examples,faults,server,upgrade}/**/*.test.ts',
            'test/vectors/vectors-http.test.ts',
            ...NOT_UNIT,
          ],
        },
      },
      { extends: true, test: { name: 'infra', include: ['test/infra/**/*.test.ts'] } },
      {
        extends: true,
        // Against emulators that have to be installed first; a container of servers for each file.
        test: { name: 'aws', include: ['test/aws/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 },
      },
    ],
  },
});
