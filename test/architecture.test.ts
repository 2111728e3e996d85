/** Who may import whom: the table of ARCHITECTURE.md as data, checked on every file. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

interface Rule {
  /** Files it holds for, by the start of their path. */
  readonly of: string;
  /** Folders that may be imported, besides the own one. */
  readonly folders: readonly string[];
  /** Packages and Node modules that may be imported; `*` for any. */
  readonly packages: readonly string[];
}

/** What a webhook does once it is claimed. */
const PROCESSING = ['src/payments/', 'src/handlers/', 'src/destinations/', 'src/effects/'];

const RULES: readonly Rule[] = [
  {
    of: 'src/payhook.ts',
    folders: ['src/core/', 'src/config/', 'src/payments/', 'src/handlers/'],
    packages: [],
  },
  { of: 'src/core/', folders: [], packages: ['node:crypto', 'node:zlib', 'node:assert/strict'] },
  {
    of: 'src/providers/',
    folders: ['src/core/'],
    packages: ['node:crypto', 'node:zlib', 'node:tls', 'node:assert/strict', 'node:buffer'],
  },
  {
    of: 'src/adapters/memory/',
    folders: ['src/core/', 'src/payments/', 'src/destinations/'],
    packages: ['node:crypto', 'node:assert/strict'],
  },
  {
    of: 'src/adapters/sqlite/',
    folders: ['src/core/', 'src/payments/', 'src/destinations/'],
    packages: ['node:sqlite', 'node:worker_threads', 'node:crypto', 'node:assert/strict'],
  },
  {
    of: 'src/adapters/file/',
    folders: ['src/core/', 'src/destinations/'],
    packages: ['node:fs', 'node:fs/promises', 'node:path', 'node:crypto', '@peculiar/x509', 'reflect-metadata'],
  },
  {
    of: 'src/adapters/http/',
    folders: ['src/core/', 'src/destinations/'],
    packages: ['lru-cache', 'ipaddr.js', 'node:crypto', 'node:http', 'node:https', 'node:dns/promises', 'node:net'],
  },
  { of: 'src/adapters/pino/', folders: ['src/core/'], packages: ['pino'] },
  { of: 'src/adapters/prometheus/', folders: ['src/core/', 'src/destinations/'], packages: ['prom-client'] },
  {
    of: 'src/adapters/thread/',
    folders: ['src/core/'],
    packages: ['node:crypto', 'node:worker_threads', 'node:assert/strict'],
  },
  { of: 'src/payments/', folders: ['src/core/'], packages: [] },
  { of: 'src/destinations/', folders: ['src/core/', 'src/payments/'], packages: ['node:crypto', 'node:assert/strict'] },
  { of: 'src/handlers/', folders: ['src/core/', 'src/payments/'], packages: [] },
  { of: 'src/effects/', folders: ['src/core/', 'src/payments/', 'src/handlers/', 'src/destinations/'], packages: [] },
  {
    of: 'src/adapters/aws/',
    folders: ['src/core/', 'src/payments/', 'src/destinations/', 'src/config/aws-names.ts'],
    packages: [
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-eventbridge',
      '@aws-sdk/client-kms',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-secrets-manager',
      '@aws-sdk/client-sns',
      '@aws-sdk/client-sqs',
      'node:crypto',
      'node:zlib',
      'node:assert/strict',
      'node:timers/promises',
      'node:util',
    ],
  },
  { of: 'src/adapters/system/', folders: ['src/core/'], packages: ['node:crypto'] },
  {
    of: 'src/config/',
    folders: ['src/core/', 'src/providers/', 'src/payments/', 'src/destinations/'],
    packages: ['zod', 'node:fs', 'node:path', 'node:url'],
  },
  {
    of: 'src/lambda/',
    folders: ['src/core/', 'src/providers/', 'src/adapters/', 'src/config/', ...PROCESSING],
    packages: ['*'],
  },
  {
    of: 'infra/',
    folders: [
      'src/config/',
      'src/core/limits.ts',
      'src/core/errors.ts',
      'src/adapters/aws/aws-errors.ts',
      'src/providers/published-addresses.ts',
      'src/providers/providers.ts',
    ],
    packages: ['*'],
  },
  {
    of: 'src/server/',
    folders: ['src/core/', 'src/providers/', 'src/adapters/', 'src/config/', ...PROCESSING],
    packages: ['*'],
  },
  {
    of: 'src/cli/',
    folders: ['src/core/', 'src/providers/', 'src/adapters/', 'src/config/', 'src/server/', ...PROCESSING],
    packages: ['*'],
  },
];

/** Fewer than this means that the check looked in the wrong place. */
const FILES_MIN = 80;

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g;

const importsOf = (source: string): string[] =>
  [...source.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');

/** What is wrong with one file, as sentences. */
const violations = (path: string, source: string): string[] => {
  const rule = RULES.find(({ of }) => path.startsWith(of));
  if (rule === undefined) return [`${path} is in no folder of the table`];
  return importsOf(source).flatMap((specifier) => {
    if (!specifier.startsWith('.')) {
      const isAllowed = rule.packages.includes('*') || rule.packages.includes(specifier);
      return isAllowed ? [] : [`${path} imports ${specifier}`];
    }
    const target = normalize(join(dirname(path), specifier));
    const isAllowed = [rule.of, ...rule.folders].some((folder) => target.startsWith(folder));
    return isAllowed ? [] : [`${path} imports ${target}`];
  });
};

const productFiles = globSync(['src/**/*.ts', 'infra/**/*.ts'], { cwd: ROOT })
  .map((path) => relative(ROOT, join(ROOT, path)))
  .filter((path) => !path.endsWith('.test.ts') && !path.endsWith('/test-input.ts'));

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('architecture', () => {
  test('every file imports only what its folder may import', () => {
    expect(productFiles.length).toBeGreaterThan(FILES_MIN);
    expect(productFiles.flatMap((path) => violations(path, read(path)))).toEqual([]);
  });

  test('a planted violation of each kind is caught', () => {
    expect(violations('src/core/x.ts', "import { readFileSync } from 'node:fs';")).toHaveLength(1);
    expect(violations('src/core/x.ts', "import { stripe } from '../providers/stripe.ts';")).toHaveLength(1);
    expect(
      violations(
        'src/core/ports/x.ts',
        "import type { Clock } from './clock.ts';\nimport type { A } from '../audit.ts';",
      ),
    ).toEqual([]);
    expect(violations('src/adapters/sqlite/x.ts', "import { y } from '../memory/memory-home.ts';")).toHaveLength(1);
    expect(violations('src/adapters/sqlite/x.ts', "const y = await import('pino');")).toHaveLength(1);
    expect(violations('src/providers/x.ts', "import '../server/serve.ts';")).toHaveLength(1);
    expect(violations('src/elsewhere/x.ts', '')).toHaveLength(1);
  });

  test('the environment is read in the composition root only', () => {
    const readers = productFiles.filter((path) => /process\.env|\{ env \} = process/.test(read(path)));

    expect(readers.sort()).toEqual([
      'infra/app.ts',
      'infra/build.ts',
      'infra/deploy.ts',
      'src/cli/command-context.ts',
      'src/lambda/audit-logger.ts',
      'src/lambda/destination-sender.ts',
      'src/lambda/payment-processor.ts',
      'src/lambda/webhook-receiver.ts',
    ]);
  });

  test('time and chance come in through ports everywhere but in their adapters', () => {
    const users = productFiles.filter((path) => /Date\.now\(|Math\.random\(|new Date\(\)/.test(read(path)));

    expect(users.sort()).toEqual([
      'src/adapters/pino/pino-logger.ts',
      'src/adapters/system/system-clock.ts',
      'src/adapters/system/system-randomness.ts',
    ]);
  });

  test('every relative import leads to a file', () => {
    const missing = productFiles.flatMap((path) =>
      importsOf(read(path))
        .filter((specifier) => specifier.startsWith('.') && !existsSync(join(ROOT, dirname(path), specifier)))
        .map((specifier) => `${path} imports ${specifier}`),
    );

    expect(missing).toEqual([]);
  });
});
