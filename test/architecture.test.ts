/** Who may import whom: the table of ARCHITECTURE.md as data, checked on every file. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROVIDERS } from '../src/providers/providers.ts';
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

/** Files that one leads to, by path; imports of types count too, because they are what a reader has to follow. */
type Graph = ReadonlyMap<string, readonly string[]>;

const graphOf = (sources: ReadonlyMap<string, string>): Graph =>
  new Map(
    [...sources].map(([path, source]) => [
      path,
      importsOf(source)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => normalize(join(dirname(path), specifier))),
    ]),
  );

/** Each circle of imports as the way round it, found from the file where a walk first comes back to itself. */
const circlesIn = (graph: Graph): readonly string[] => {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
    if (done.has(path) || way.includes(path)) return;
    for (const target of graph.get(path) ?? []) walk(target, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return circles;
};

/** Packages that the code of these files leads to. What is imported for its types alone is not there when it runs. */
const packagesBehind = (paths: readonly string[], sourceOf: (path: string) => string): ReadonlySet<string> => {
  const packages = new Set<string>();
  const seen = new Set(paths);
  for (const path of seen) {
    const code = sourceOf(path).replace(/(?:^|\n)(?:import|export) type [^;]*;/g, '');
    for (const specifier of importsOf(code)) {
      if (specifier.startsWith('.')) seen.add(normalize(join(dirname(path), specifier)));
      else packages.add(specifier);
    }
  }
  return packages;
};

/** Of `@scope/name/part` and `name/part`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Comments say where a fact about a provider comes from, so they may name one; code may not. */
const codeOf = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/[^\n]*/g, '$1');

/** The places where a provider is one of its kind, so its name stands there. */
const NAMES_A_PROVIDER = /^src\/(?:providers|samples)\//;

/** The magnetic stripe of a card, as the card-data guard looks for it. */
const MAGNETIC_STRIPE = 'mag(?:netic)?[_-]?stripe';

const providerNames = PROVIDERS.flatMap(({ name, title }) => [name, title, name.replaceAll('-', '_')]);

/** What of one file's code names a provider, as sentences. */
const namedProviders = (path: string, source: string): string[] => {
  if (NAMES_A_PROVIDER.test(path)) return [];
  const code = codeOf(source).replaceAll(MAGNETIC_STRIPE, '');
  const names = new RegExp(providerNames.join('|'), 'gi');
  return [...code.matchAll(names)].map(([name]) => `${path} names ${name}`);
};

const productFiles = globSync(['src/**/*.{ts,tsx}', 'infra/**/*.ts'], { cwd: ROOT })
  .map((path) => relative(ROOT, join(ROOT, path)))
  .filter((path) => !path.endsWith('.test.ts') && !path.endsWith('/test-input.ts'));

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('architecture', () => {
  test('every file imports only what its folder may import', () => {
    expect(productFiles.length).toBeGreaterThan(FILES_MIN);
    expect(productFiles.flatMap((path) => violations(path, read(path)))).toEqual([]);
  });

  test('whatever a checkout runs is installed by npm start, which leaves out tools', () => {
    const { dependencies } = JSON.parse(read('package.json'));
    const sources = productFiles.filter((path) => path.startsWith('src/'));
    // What is imported by one of them stands in one of them: `infra/`, which is for whoever has the tools, is not gone into.
    const imported = [...packagesBehind(sources, (path) => (path.startsWith('src/') ? read(path) : ''))];
    const named = imported.filter((one) => !one.startsWith('node:')).map(packageOf);

    expect(named).toContain('esbuild');
    expect(named.filter((name) => !(name in dependencies))).toEqual([]);
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

  test('no two files import each other, however long the way round', () => {
    expect(circlesIn(graphOf(new Map(productFiles.map((path) => [path, read(path)]))))).toEqual([]);
  });

  test('a planted circle is caught, of types alone too', () => {
    const sources = new Map([
      ['src/core/a.ts', "import { b } from './b.ts';"],
      ['src/core/b.ts', "import type { C } from '../audit/c.ts';"],
      ['src/audit/c.ts', "export type { A } from '../core/a.ts';\nimport './d.ts';"],
      ['src/audit/d.ts', ''],
    ]);

    expect(circlesIn(graphOf(sources))).toEqual(['src/core/a.ts → src/core/b.ts → src/audit/c.ts → src/core/a.ts']);
    expect(circlesIn(graphOf(new Map([['src/core/a.ts', "import './a.ts';"]])))).toHaveLength(1);
  });

  test('no function carries a library of the configuration or of certificates', () => {
    const entries = productFiles.filter((path) =>
      /^src\/homes\/aws\/.*-(?:receiver|processor|logger|sender)\.ts$/.test(path),
    );

    expect(entries.length).toBeGreaterThan(3);
    expect(packagesBehind(entries, read)).toContain('node:https');
    for (const library of ['zod', '@peculiar/x509', 'reflect-metadata', 'commander', 'pino'])
      expect(packagesBehind(entries, read)).not.toContain(library);
    expect(packagesBehind(['src/providers/settings.ts'], read)).toContain('zod');
  });

  test('only the folder of a provider and the samples name one in code', () => {
    expect(productFiles.flatMap((path) => namedProviders(path, read(path)))).toEqual([]);
  });

  test('a planted name of a provider is caught, and one in a comment is not', () => {
    expect(namedProviders('src/process/x.ts', "if (webhook.provider === 'stripe') return;")).toHaveLength(1);
    expect(namedProviders('src/config/x.ts', "const name = 'PAYHOOK_STANDARD_WEBHOOKS_SIGNING_SECRETS';")).toHaveLength(
      1,
    );
    expect(namedProviders('src/process/x.ts', '/** As Stripe does. */\n// PayPal too.\nreturn;')).toEqual([]);
    expect(namedProviders('src/providers/x.ts', "const name = 'square';")).toEqual([]);
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
      'src/homes/aws/reconciler.ts',
      'src/homes/aws/webhook-receiver.ts',
      'src/homes/local/spawn-handlers.ts',
    ]);
  });

  test('time and chance come in through ports everywhere but in their adapters', () => {
    const users = productFiles.filter((path) => /Date\.now\(|Math\.random\(|new Date\(\)/.test(read(path)));

    expect(users.sort()).toEqual([
      'src/adapters/pino/pino-logger.ts',
      'src/adapters/system/system-clock.ts',
      'src/adapters/system/system-randomness.ts',
      'src/console/web/now.ts',
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
