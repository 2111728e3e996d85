/** Makes the files that a browser loads out of `web/`, with esbuild: for the package, and in a checkout on every start. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { PayhookError } from '../core/errors.ts';

const WEB = join(import.meta.dirname, 'web');
const ENTRY = join(WEB, 'main.tsx');

export interface BundledFile {
  /** `index.html`, or a name that changes when its contents do. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Whether the sources are here: the package has the files instead. */
export const canBundleClient = (): boolean => existsSync(ENTRY);

export const bundleClient = async (): Promise<readonly BundledFile[]> => {
  const { outputFiles } = await runBundler({
    entryPoints: [ENTRY, join(WEB, 'style.css')],
    outdir: WEB,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    // A screen that is imported when it is opened becomes a file of its own.
    splitting: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // Ours extends packages that only checks need.
    tsconfigRaw: '{}',
    logLevel: 'warning',
  });
  const files = outputFiles.map(({ path, contents }): BundledFile => ({ name: basename(path), bytes: contents }));
  return [...files, { name: 'index.html', bytes: Buffer.from(pageOf(files.map(({ name }) => name))) }];
};

const runBundler = async (options: BuildOptions & { readonly write: false }) => {
  try {
    const { build } = await import('esbuild');
    return await build(options);
  } catch (error) {
    // What does not compile has been found wrong by it.
    if (error instanceof Error && 'errors' in error) throw error;
    throw new PayhookError(
      'configuration_invalid',
      'the console of a checkout is bundled by esbuild, which is not installed for this machine: npm run setup installs it',
      { cause: error },
    );
  }
};

const named = (names: readonly string[], start: string): string => names.find((name) => name.startsWith(start)) ?? '';

/** The mark stands in the page itself: one request less. */
const pageOf = (names: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Payhook</title>
<link rel="icon" href="${MARK}">
<link rel="stylesheet" href="/assets/${named(names, 'style-')}">
<script type="module" src="/assets/${named(names, 'main-')}"></script>
</head>
<body><noscript>The console needs JavaScript. The same is there as commands: payhook --help</noscript></body>
</html>
`;

const MARK = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#3657c9"/><path d="M5 12V4h3.5a2.5 2.5 0 0 1 0 5H5" fill="none" stroke="#fff" stroke-width="1.8"/></svg>',
)}`;
