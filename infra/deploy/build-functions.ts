/**
 * Builds what runs on Lambda: one small bundle for each function, and one layer with the dependencies that they share
 * (AWS clients and the like). `npm run build:functions`; the same sources and configuration give the same bytes.
 */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { askingSettings } from '../../src/config/asked-apis.ts';
import { bakeSettings, problemsOnAws } from '../../src/config/baked-settings.ts';
import type { ConfigProblem } from '../../src/config/config-problem.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { loadConfig, type Settings } from '../../src/config/load-config.ts';

/** The checkout, or the package, which is laid out alike and holds JavaScript. */
const ROOT = join(import.meta.dirname, '..', '..');
const EXTENSION = extname(import.meta.url);

/** What the processor has besides where providers' APIs are asked. */
const ASKING = './src/homes/aws/open-asking';
/** All providers, and how their APIs are asked. */
const ASKING_KB_MAX = 80;

/** Node resolves it from `/opt/nodejs/node_modules`, which Lambda puts on NODE_PATH. */
const LAYER_PACKAGE = 'payhook-shared-dependencies';
/** Packages that live in the layer: the AWS clients and what else is large and the same for all functions. */
const IN_LAYER = /^@aws-sdk\/|^@smithy\//;
/** Files of the layer of their own: S3 is a quarter of everything, and each of these is needed by one function only. */
const OWN_LAYER_FILES: ReadonlyMap<string, string> = new Map([
  ['@aws-sdk/client-s3', 's3.js'],
  ['@aws-sdk/client-eventbridge', 'eventbridge.js'],
]);
const layerFileOf = (from: string): string => OWN_LAYER_FILES.get(from) ?? 'index.js';
/**
 * `bundleKbMax`: all that a start loads, since nothing of the layer is; the SDK alone was 310 KB. A provider waits for the
 * receiver; nobody waits for the others, three of which carry what the events of all providers mean.
 */
export const FUNCTIONS = {
  'webhook-receiver': { start: 'src/homes/aws/webhook-receiver', hasHandlers: false, bundleKbMax: 180 },
  'payment-processor': { start: 'src/homes/aws/payment-processor', hasHandlers: true, bundleKbMax: 265 },
  'audit-logger': { start: 'src/homes/aws/audit-logger', hasHandlers: false, bundleKbMax: 120 },
  'destination-sender': { start: 'src/homes/aws/destination-sender', hasHandlers: false, bundleKbMax: 240 },
  reconciler: { start: 'src/homes/aws/reconciler', hasHandlers: false, bundleKbMax: 265 },
} as const;
export type FunctionName = keyof typeof FUNCTIONS;

export interface BuiltFunctions {
  /** One folder for each function, with `index.mjs` that exports `handler`. */
  readonly functions: Readonly<Record<FunctionName, string>>;
  /** The folder that becomes `/opt`. */
  readonly layer: string;
  readonly bundleBytes: Readonly<Record<FunctionName, number>>;
  readonly layerBytes: number;
}

export type BuildOutcome =
  | { readonly outcome: 'built'; readonly built: BuiltFunctions }
  | { readonly outcome: 'invalid'; readonly problems: readonly ConfigProblem[] };

export interface BuildInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Instead of a configuration file. @default the file is read */
  readonly config?: PayhookConfig;
  /** Emptied first. */
  readonly outDirectory: string;
}

/** Builds everything. Problems of the configuration are returned, a source that does not compile is thrown by esbuild. */
export const buildFunctions = async ({ outDirectory, ...input }: BuildInput): Promise<BuildOutcome> => {
  const loaded = await loadConfig({ ...input, home: 'aws' });
  if (loaded.outcome === 'invalid') return loaded;
  const problems = problemsOnAws(loaded.settings);
  if (problems.length > 0) return { outcome: 'invalid', problems };

  await rm(outDirectory, { recursive: true, force: true });
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  const entries = new Map(names.map((name) => [name, entryOf(name, loaded.settings)] as const));

  const shared = new Map<string, Set<string>>();
  for (const entry of entries.values()) await collectLayerImports(entry, shared);
  const layer = join(outDirectory, 'layer');
  const layerBytes = await buildLayer(layer, shared);

  const bundleBytes = {} as Record<FunctionName, number>;
  const functions = {} as Record<FunctionName, string>;
  for (const [name, entry] of entries) {
    functions[name] = join(outDirectory, 'lambda', name);
    bundleBytes[name] = await buildFunction(name, entry, functions[name]);
  }
  return { outcome: 'built', built: { functions, layer, bundleBytes, layerBytes } };
};

/** The module that Lambda loads: composes the function with the settings of this build and the user's handlers. */
const entryOf = (name: FunctionName, settings: Settings): string => {
  const { start, hasHandlers } = FUNCTIONS[name];
  const path = hasHandlers ? settings.handlersPath : null;
  const isAsking = name === 'payment-processor' && askingSettings(settings.askedApis).length > 0;
  const given = ['settings', 'handlersModule', ...(isAsking ? ['openAsking'] : [])];
  return [
    `import { start } from ${JSON.stringify(`./${start}${EXTENSION}`)};`,
    ...(isAsking ? [`import { openAsking } from ${JSON.stringify(`${ASKING}${EXTENSION}`)};`] : []),
    path === null ? 'const handlersModule = null;' : `import * as handlersModule from ${JSON.stringify(path)};`,
    `const settings = ${JSON.stringify(bakeSettings(settings))};`,
    `export const handler = await start({ ${given.join(', ')} });`,
  ].join('\n');
};

/** Bundles the text of a module as if it stood in the project's root. */
const bundle = async (
  contents: string,
  options: Pick<BuildOptions, 'banner' | 'external' | 'format' | 'minify' | 'plugins' | 'supported'>,
): Promise<{ readonly text: string; readonly metafile: Metafile }> => {
  const { outputFiles, metafile } = await build({
    ...options,
    absWorkingDir: ROOT,
    stdin: { contents, resolveDir: ROOT, sourcefile: 'index.ts', loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    legalComments: 'none',
    logLevel: 'silent',
    mainFields: ['module', 'main'],
    // A handlers module imports what it needs of Payhook by the package's name.
    alias: { payhook: join(ROOT, 'src', `payhook${EXTENSION}`) },
  });
  const [output] = outputFiles;
  assert(output !== undefined, 'esbuild writes one file for one entry');
  return { text: output.text, metafile };
};

const IMPORT = /import\s*\{([^}]*)\}\s*from\s*"([^"]+)"/g;

/** Which names the function takes from which package of the layer: the layer then holds these and nothing else. */
const collectLayerImports = async (entry: string, shared: Map<string, Set<string>>): Promise<void> => {
  const keepImports: Plugin = {
    name: 'keep-layer-imports',
    setup: ({ onResolve }) => onResolve({ filter: IN_LAYER }, ({ path }) => ({ path, external: true })),
  };
  const { text } = await bundle(entry, { format: 'esm', plugins: [keepImports] });
  for (const [, names = '', from = ''] of text.matchAll(IMPORT)) {
    if (!IN_LAYER.test(from)) continue;
    const known = shared.get(from) ?? new Set();
    for (const name of names.split(',')) known.add(name.trim().split(/\s+as\s+/)[0] ?? '');
    known.delete('');
    shared.set(from, known);
  }
};

/** CommonJS: `require` looks along NODE_PATH, `import` does not everywhere. Returns the bytes of all files together. */
const buildLayer = async (directory: string, shared: ReadonlyMap<string, ReadonlySet<string>>): Promise<number> => {
  const files = new Map<string, string[]>();
  for (const [from, names] of [...shared].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const line = `export { ${[...names].sort().join(', ')} } from ${JSON.stringify(from)};`;
    files.set(layerFileOf(from), [...(files.get(layerFileOf(from)) ?? []), line]);
  }
  const target = join(directory, 'nodejs', 'node_modules', LAYER_PACKAGE);
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'package.json'), `${JSON.stringify({ name: LAYER_PACKAGE, main: 'index.js' })}\n`);
  let bytes = 0;
  for (const [file, lines] of files) {
    const { text } = await bundle(lines.join('\n'), {
      format: 'cjs',
      minify: true,
      // `import('node:http')` reads every export of it, `WebSocket` too, for which Node loads a second HTTP client: 27 ms
      // of a cold start. `require` does not.
      supported: { 'dynamic-import': false },
      plugins: [credentialsFromEnvironment],
    });
    await writeFile(join(target, file), text);
    bytes += Buffer.byteLength(text);
  }
  return bytes;
};

/**
 * Lambda puts a function's credentials into its environment and nowhere else: profiles, single sign-on and instance
 * metadata are a quarter of an AWS client and would be loaded by every cold start.
 */
const credentialsFromEnvironment: Plugin = {
  name: 'credentials-from-environment',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: 'credentials',
      pluginData: resolveDir,
    }));
    onLoad({ filter: /.*/, namespace: 'credentials' }, ({ pluginData }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      // A package of the clients' own, which may be nowhere near ours.
      resolveDir: pluginData,
    }));
  },
};

/**
 * `import` of `node:http` reads every export of it, `WebSocket` too, for which Node loads a second HTTP client: a fifth of a cold
 * start. `require` does not.
 */
const httpByRequire: Plugin = {
  name: 'http-by-require',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:https?$/ }, ({ path, namespace }) =>
      namespace === 'required' ? { path, external: true } : { path, namespace: 'required' },
    );
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

const takeFromLayer: Plugin = {
  name: 'take-from-layer',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: IN_LAYER }, ({ path }) => ({ path, namespace: 'layer' }));
    onLoad({ filter: /.*/, namespace: 'layer' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(`${LAYER_PACKAGE}/${layerFileOf(path)}`)});`,
    }));
  },
};

const buildFunction = async (name: FunctionName, entry: string, directory: string): Promise<number> => {
  const { text, metafile } = await bundle(entry, {
    format: 'esm',
    minify: true,
    external: [`${LAYER_PACKAGE}/*`],
    plugins: [takeFromLayer, httpByRequire],
    banner: { js: "import{createRequire as $cr}from'node:module';const require=$cr(import.meta.url);" },
  });
  const bytes = Buffer.byteLength(text);
  const bytesMax = (FUNCTIONS[name].bundleKbMax + (entry.includes(ASKING) ? ASKING_KB_MAX : 0)) * 1024;
  if (bytes > bytesMax) {
    throw new RangeError(
      `the bundle of ${name} has ${bytes} bytes, at most ${bytesMax} are allowed; largest inputs: ${largest(metafile)}`,
    );
  }
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'index.mjs'), text);
  return bytes;
};

const largest = (metafile: Metafile): string => {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const sorted = inputs.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput).slice(0, 5);
  return sorted.map(([path, { bytesInOutput }]) => `${path} ${bytesInOutput}`).join(', ');
};
