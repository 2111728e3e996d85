/**
 * Makes the package out of the checkout. It is laid out as the checkout is, so that paths between its files hold: compiled
 * JavaScript where the sources were, the documents, and a manifest of its own. What only development needs stays behind.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { bundleClient } from '../src/console/bundle-client.ts';
import { CLIENT_DIRECTORY } from '../src/console/client-directory.ts';
import { compile } from './compile.ts';
import { declare } from './declare.ts';
import { packageManifest } from './package-manifest.ts';

const ROOT = join(import.meta.dirname, '..');
/** Those that are there: what a user reads, what messages and alarms refer to, and what `payhook init` copies. */
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'docs', 'examples/starter'];
/** About how this repository is made; and pictures. */
const NOT_FOR_USERS = ['docs/decisions', 'docs/generator', 'docs/capacity', 'docs/console'].map((path) =>
  join(ROOT, path),
);

export interface BuiltPackage {
  readonly files: number;
  readonly bytes: number;
}

/** `directory` is emptied first. Throws when something does not compile. */
export const buildPackage = async (directory: string): Promise<BuiltPackage> => {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const packages = await compile(ROOT, directory);
  const checkout = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const manifest = packageManifest(checkout, packages);
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  declare(ROOT, directory, Object.values(checkout.exports));
  copyCommand(directory);
  await writeClient(join(directory, CLIENT_DIRECTORY));
  for (const name of DOCUMENTS) {
    const from = join(ROOT, name);
    if (!existsSync(from)) continue;
    cpSync(from, join(directory, name), { recursive: true, filter: (path) => !NOT_FOR_USERS.includes(path) });
  }
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) => join(directory, path));
  const sizes = paths.map((path) => statSync(path)).filter((stats) => stats.isFile());
  return { files: sizes.length, bytes: sizes.reduce((sum, { size }) => sum + size, 0) };
};

/** What a browser loads of the console: a server bundles nothing. */
const writeClient = async (directory: string): Promise<void> => {
  mkdirSync(directory, { recursive: true });
  for (const { name, bytes } of await bundleClient()) writeFileSync(join(directory, name), bytes);
};

const copyCommand = (directory: string): void => {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'package.json'), '{ "type": "commonjs" }\n');
  cpSync(join(ROOT, 'bootstrap', 'start-node.cjs'), join(directory, 'bootstrap', 'start-node.cjs'));
  cpSync(join(import.meta.dirname, 'payhook.cjs'), join(bin, 'payhook'));
  chmodSync(join(bin, 'payhook'), 0o755);
};
