/** Makes the files that a browser loads out of `web/`, with esbuild: for the package, and in a checkout on every start. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BuildOptions, Metafile } from 'esbuild';
import { PayhookError } from '../core/errors.ts';
import { SCREEN_FILES } from './screen-files.ts';

const WEB = join(import.meta.dirname, 'web');
const ENTRY = join(WEB, 'main.tsx');

export interface BundledFile {
  /** `index.html` or `<file of screens>.html`, or a name that changes when its contents do. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Whether the sources are here: the package has the files instead. */
export const canBundleClient = (): boolean => existsSync(ENTRY);

export const bundleClient = async (): Promise<readonly BundledFile[]> => {
  const { outputFiles, metafile } = await runBundler({
    entryPoints: [ENTRY, join(WEB, 'style.css')],
    outdir: WEB,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    // A screen that is imported when it is opened becomes a file of its own.
    splitting: true,
    // As if each of those files imported all that is there when it is loaded: else there is a file for whatever a few of them
    // have in common with the first, twelve of them, each of which a browser has to ask for.
    inject: [ENTRY],
    minify: true,
    write: false,
    format: 'esm',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // Ours extends packages that only checks need.
    tsconfigRaw: '{}',
    metafile: true,
    logLevel: 'warning',
  });
  const files = outputFiles.map(({ path, contents }): BundledFile => ({ name: basename(path), bytes: contents }));
  const imports = importsOf(metafile);
  const start = (name: string): string => [...imports.keys()].find((one) => one.startsWith(`${name}-`)) ?? '';
  const style = start('style');
  // Of the entry itself nothing is left but the import of the file that all share.
  const [main = ''] = imports.get(start('main')) ?? [];
  const pageWith = (screens: readonly string[]): Uint8Array => {
    const early = new Set(screens.flatMap((name) => [name, ...(imports.get(name) ?? [])]));
    early.delete(main);
    return Buffer.from(pageOf(style, main, [...early]));
  };
  return [
    ...files.filter(({ name }) => name !== start('main')),
    { name: 'index.html', bytes: pageWith([]) },
    ...[...new Set(Object.values(SCREEN_FILES))].map((name) => ({
      name: `${name}.html`,
      bytes: pageWith([start(name)]),
    })),
  ];
};

const runBundler = async (options: BuildOptions & { readonly write: false; readonly metafile: true }) => {
  try {
    const { build } = await import('esbuild');
    return await build(options);
  } catch (error) {
    // What does not compile has been found wrong by it.
    if (error instanceof Error && 'errors' in error) throw error;
    throw new PayhookError(
      'configuration_invalid',
      'the console of a checkout is bundled by esbuild, which is not installed for this machine: npm ci installs it, while no server of this checkout runs',
      { cause: error },
    );
  }
};

/** By the name of each file, what it imports when it is loaded; esbuild names what those import in turn, too. */
const importsOf = ({ outputs }: Metafile): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(outputs).map(([path, { imports }]) => [
      basename(path),
      imports.filter(({ kind }) => kind === 'import-statement').map((one) => basename(one.path)),
    ]),
  );

/**
 * The mark stands in the page itself: one request less. `early`: scripts of the screen at its address, asked for together with
 * `main`, which would ask for them when it runs.
 */
const pageOf = (style: string, main: string, early: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Payhook</title>
<link rel="icon" href="${MARK}">
<link rel="stylesheet" href="/assets/${style}">
<script type="module" src="/assets/${main}"></script>
${early.map((name) => `<link rel="modulepreload" href="/assets/${name}">\n`).join('')}</head>
<body><noscript>The console needs JavaScript. The same is there as commands: payhook --help</noscript></body>
</html>
`;

const MARK = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#3657c9"/><path d="M5 12V4h3.5a2.5 2.5 0 0 1 0 5H5" fill="none" stroke="#fff" stroke-width="1.8"/></svg>',
)}`;
