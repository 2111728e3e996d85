/** Copies the starter project, which is an example that is compiled and tested with everything else. */
import { constants, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PayhookError } from '../../core/errors.ts';
import { projectManifest } from './project-manifest.ts';

/** In the checkout and in the package alike. */
const STARTER = fileURLToPath(new URL('../../../examples/starter/', import.meta.url));
/** By their names in the starter: npm packs no file called `.gitignore`. */
const FILES: Readonly<Record<string, string>> = {
  'payhook.config.ts': 'payhook.config.ts',
  'handlers.ts': 'handlers.ts',
  'handlers.test.ts': 'handlers.test.ts',
  'tsconfig.json': 'tsconfig.json',
  gitignore: '.gitignore',
  'payhook.service': 'payhook.service',
  Dockerfile: 'Dockerfile',
  dockerignore: '.dockerignore',
};

export interface WrittenProject {
  readonly written: readonly string[];
  /** Were there before, and are as they were. */
  readonly left: readonly string[];
  /** Words about each. */
  readonly packageChanges: readonly string[];
}

/** Throws `usage_wrong`, before anything is written, where package.json is missing or makes the files unusable. */
export const writeProject = (directory: string): WrittenProject => {
  const manifestPath = join(directory, 'package.json');
  const { text, changes } = projectManifest(readManifest(manifestPath), directory);
  const written: string[] = [];
  const left: string[] = [];
  for (const [from, to] of Object.entries(FILES)) {
    if (existsSync(join(directory, to))) {
      left.push(to);
      continue;
    }
    copyFileSync(join(STARTER, from), join(directory, to), constants.COPYFILE_EXCL);
    written.push(to);
  }
  if (changes.length > 0) writeFileSync(manifestPath, text);
  return { written, left, packageChanges: changes };
};

const readManifest = (path: string): Record<string, unknown> => {
  if (!existsSync(path)) {
    throw new PayhookError(
      'usage_wrong',
      'there is no package.json here: run npm init -y and npm install payhook first',
    );
  }
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof manifest === 'object' && manifest !== null) return { ...manifest };
  } catch {
    // Said below, in the words of every other way that it can be no object.
  }
  throw new PayhookError('usage_wrong', `${path} is no JSON object: mend it first`);
};
