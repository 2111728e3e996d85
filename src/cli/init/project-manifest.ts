/** What package.json of a project has to say besides what `npm init` and `npm install payhook` wrote. */
import { readdirSync, readFileSync } from 'node:fs';
import { PayhookError } from '../../core/errors.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
  start: 'payhook serve',
  test: 'node --test',
  check: 'tsc -p .',
  deploy: 'payhook deploy',
};
/** What `npm init` writes where there is no test. */
const NO_TEST = /no test specified/;
/** Found with the versions that fit in our own manifest. */
const CHECKERS = ['@types/node', 'typescript'];

type Manifest = Readonly<Record<string, unknown>>;

export interface ProjectManifest {
  readonly text: string;
  /** Words about each; none when it may stay as it is. */
  readonly changes: readonly string[];
}

/** Throws `usage_wrong` where other files of the project rely on `type: commonjs`, which ours cannot live with. */
export const projectManifest = (before: Manifest, directory: string): ProjectManifest => {
  const changes: string[] = [];
  if (before.type !== 'module') {
    refuseCommonJs(before, directory);
    changes.push('type module');
  }
  const scripts = recordIn(before, 'scripts');
  const newScripts = Object.entries(SCRIPTS).filter(
    ([name]) => scripts[name] === undefined || NO_TEST.test(String(scripts[name])),
  );
  if (newScripts.length > 0) changes.push(`scripts ${newScripts.map(([name]) => name).join(', ')}`);
  const known = { ...recordIn(before, 'dependencies'), ...recordIn(before, 'devDependencies') };
  const newCheckers = checkers().filter(([name]) => known[name] === undefined);
  if (newCheckers.length > 0) changes.push(`devDependencies ${newCheckers.map(([name]) => name).join(', ')}`);
  const after = {
    ...before,
    type: 'module',
    scripts: { ...scripts, ...Object.fromEntries(newScripts) },
    devDependencies: { ...recordIn(before, 'devDependencies'), ...Object.fromEntries(newCheckers) },
  };
  return { text: `${JSON.stringify(after, null, 2)}\n`, changes };
};

const refuseCommonJs = ({ type }: Manifest, directory: string): void => {
  const others = readdirSync(directory).filter((name) => /\.(js|cjs|ts)$/.test(name));
  if (type !== 'commonjs' || others.length === 0) return;
  throw new PayhookError(
    'usage_wrong',
    `package.json says "type": "commonjs" and ${others[0]} may rely on it: set "type": "module", or give Payhook a folder of its own`,
  );
};

const recordIn = (manifest: Manifest, key: string): Record<string, unknown> => {
  const value = manifest[key];
  return typeof value === 'object' && value !== null ? { ...value } : {};
};

const checkers = (): readonly (readonly [string, string])[] => {
  const own = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const versions: Readonly<Record<string, string>> = { ...own.devDependencies, ...own.peerDependencies };
  return CHECKERS.map((name) => [name, versions[name] ?? '*'] as const);
};
