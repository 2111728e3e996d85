/** From the sources to JavaScript: one file for one file, for the oldest Node that is supported. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** What a browser runs is made into files of its own. */
const BROWSER = join('src', 'console', 'web');

/** Returns the packages that the JavaScript imports, Node's own left out. */
export const compile = async (root: string, directory: string): Promise<ReadonlySet<string>> => {
  const packages = new Set<string>();
  const keepImports: Plugin = {
    name: 'keep-imports',
    setup: ({ onResolve }) =>
      onResolve({ filter: /.*/ }, ({ path, kind }) => {
        if (kind === 'entry-point') return undefined;
        const isOwn = path.startsWith('.');
        if (!isOwn && !path.startsWith('node:')) packages.add(packageOf(path));
        return { path: isOwn ? path.replace(/\.ts$/, '.js') : path, external: true };
      }),
  };
  const entryPoints = globSync(['src/**/*.ts', 'infra/**/*.ts'], { cwd: root })
    .filter((path) => !path.endsWith('.test.ts') && !path.startsWith(BROWSER))
    .map((path) => join(root, path));
  await build({
    entryPoints,
    outbase: root,
    outdir: directory,
    bundle: true,
    plugins: [keepImports],
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'warning',
  });
  return packages;
};

const packageOf = (path: string): string => path.split('/', path.startsWith('@') ? 2 : 1).join('/');
