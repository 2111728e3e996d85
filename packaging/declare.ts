/**
 * The types of what a team imports, and beside them, in `sources`, what they were made from: an editor shows every comment,
 * and goes from a name to its definition.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

/** In `import`, `export … from` and `import('…')` alike. Declarations go on saying `.ts`, which is not there for a user. */
const OWN_IMPORT = /(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;

/** `entries`: sources, relative to `root`. Of all declarations those are kept that a user's compiler comes to from these. */
export const declare = (root: string, directory: string, entries: readonly string[]): void => {
  runCompiler(root, directory, entries);
  const kept = new Set(entries.map((entry) => resolve(directory, entry.replace(/\.ts$/, '.d.ts'))));
  for (const path of kept) {
    const text = readFileSync(path, 'utf8');
    for (const [, , , name = ''] of text.matchAll(OWN_IMPORT)) kept.add(resolve(dirname(path), `${name}.d.ts`));
    writeFileSync(path, text.replaceAll(OWN_IMPORT, '$1$2$3.js$2'));
    keepSource(root, directory, `${path}.map`);
  }
  for (const name of globSync('**/*.d.ts{,.map}', { cwd: directory })) {
    const path = join(directory, name);
    if (!kept.has(path.replace(/\.map$/, ''))) rmSync(path);
  }
};

const runCompiler = (root: string, directory: string, entries: readonly string[]): void => {
  const project = join(directory, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    rootDir: root,
    outDir: directory,
    typeRoots: [join(root, 'node_modules', '@types')],
    declaration: true,
    declarationMap: true,
    emitDeclarationOnly: true,
  };
  const files = entries.map((entry) => join(root, entry));
  writeFileSync(project, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files }));
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' });
  rmSync(project);
  if (status !== 0) throw new Error(`the declarations cannot be made:\n${stdout}`);
};

const keepSource = (root: string, directory: string, mapPath: string): void => {
  const map: { sources: string[] } = JSON.parse(readFileSync(mapPath, 'utf8'));
  map.sources = map.sources.map((source) => {
    const from = resolve(dirname(mapPath), source);
    const to = join(directory, 'sources', relative(root, from));
    cpSync(from, to);
    return relative(dirname(mapPath), to);
  });
  writeFileSync(mapPath, JSON.stringify(map));
};
