/** Who may import whom: the table of ARCHITECTURE.md as data, checked on every file. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LAYERS } from './layers.ts';

const ROOT = join(import.meta.dirname, '..');

/** Fewer than this means that the check looked in the wrong place. */
const FILES_MIN = 80;

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g;

const importsOf = (source: string): string[] =>
  [...source.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');

/** `*` stands for one folder of any name. */
const beginsWith = (path: string, start: string): boolean =>
  new RegExp(`^${start.replaceAll('.', '\\.').replaceAll('*', '[^/]+')}`).test(path);

/** The longest start of the path that either list has decides, so that an exception may have exceptions. */
const isCovered = (target: string, allowed: readonly string[], except: readonly string[]): boolean => {
  const longest = (starts: readonly string[]): number =>
    Math.max(-1, ...starts.filter((start) => beginsWith(target, start)).map(({ length }) => length));
  return longest(allowed) > longest(except);
};

/** What is wrong with one file, as sentences. */
const violations = (path: string, source: string): string[] => {
  const layer = LAYERS.find(({ of }) => beginsWith(path, of));
  if (layer === undefined) return [`${path} is in no folder of the table`];
  return importsOf(source).flatMap((specifier) => {
    if (!specifier.startsWith('.')) {
      const isAllowed = layer.packages.includes('*') || layer.packages.includes(specifier);
      return isAllowed ? [] : [`${path} imports ${specifier}`];
    }
    const target = normalize(join(dirname(path), specifier));
    const isAllowed = isCovered(target, [layer.of, ...layer.folders], layer.except ?? []);
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
    expect(violations('src/providers/acme/acme.ts', "import { z } from 'zod';")).toHaveLength(1);
    expect(violations('src/providers/acme/acme.ts', "import { m } from './mapping/mapping.ts';")).toHaveLength(1);
    expect(violations('src/providers/acme/mapping/x.ts', "import type { S } from '../settings.ts';")).toEqual([]);
    expect(violations('src/payments/x.ts', "import { MAPPINGS } from '../providers/mappings.ts';")).toHaveLength(1);
    expect(violations('src/homes/local/x.ts', "import { y } from '../aws/y.ts';")).toHaveLength(1);
    expect(violations('src/homes/aws/x.ts', "import type { O } from '../operator-home.ts';")).toEqual([]);
  });

  test('the environment is read in the composition root only', () => {
    const readers = productFiles.filter((path) => /process\.env|\{ env \} = process/.test(read(path)));

    expect(readers.sort()).toEqual([
      'infra/app.ts',
      'infra/build.ts',
      'infra/deploy.ts',
      'src/cli/command-context.ts',
      'src/homes/aws/audit-logger.ts',
      'src/homes/aws/destination-sender.ts',
      'src/homes/aws/payment-processor.ts',
      'src/homes/aws/webhook-receiver.ts',
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
