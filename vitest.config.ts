import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { TallyReporter } from './test/tally-reporter.ts';

/** Neither a process, nor a socket, nor a disk that is waited for, although they cross files. */
const PURE = [
  'test/*.test.ts',
  'test/{docs,fuzz,payments,properties,providers}/**/*.test.ts',
  'test/console/*.test.ts',
  'test/vectors/payments-vectors.test.ts',
  // But for the one about answers, for which both homes have to listen.
  'test/invariants/{i[1-8]*,i9-same-meaning}.test.ts',
];

/** What measures milliseconds or a promise of time: with a second file beside it, it would measure that one. */
const TIMED = ['test/server/lock-out.test.ts', 'test/faults/handler-killers.test.ts', 'test/package/journey.test.ts'];

/** Most suites wait for a disk, a process or a timer: on two cores two files at once take little more than one. */
const workersMax = Math.max(2, availableParallelism() - 1);

// Threads that a test opens load TypeScript, which Node strips in WebAssembly: compiled anew in each of them it takes half
// of their start, and V8 loses count of the code of so many. Stripped text is kept instead; coverage counts without it.
const isCoverage = process.argv.includes('--coverage');
if (!isCoverage) process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/node');

/** What the tests of a project need is what tells projects apart. `npm run test:unit` runs the first, `npm test` all but the last. */
export default defineConfig({
  test: {
    allowOnly: false,
    reporters: ['default', new TallyReporter()],
    // On a machine for all and sundry a process may be away for a second. The tally names what needed it, and bounds it.
    retry: process.env.CI === undefined ? 0 : 1,
    maxWorkers: workersMax,
    // V8 loses count of its code pages where a process opens and closes many threads, and stops: "Check failed:
    // jit_page.has_value()". Suites do that, a server does not. https://github.com/nodejs/node/issues/64500
    execArgv: ['--no-memory-protection-keys'],
    // Many suites start processes or fsync: what takes longer than this, on however slow a machine, hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What is looked at again and again ends by itself; a second is too short for a browser beside other suites.
    expect: { poll: { timeout: 60_000 } },
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
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', ...PURE],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      {
        extends: true,
        // Whatever is in no other project: a new folder is not left out.
        test: {
          name: 'process',
          include: ['test/**/*.test.ts'],
          exclude: [...PURE, ...TIMED, 'test/{contract,infra,aws}/**'],
        },
      },
      // After all others, and one file at a time.
      { extends: true, test: { name: 'timed', include: TIMED, maxWorkers: 1, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'infra', include: ['test/infra/**/*.test.ts'] } },
      {
        extends: true,
        // Against emulators that have to be installed first; a container of servers for each file.
        test: { name: 'aws', include: ['test/aws/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
      },
    ],
  },
});
