/** Packages that only the AWS home and its deployment need: a server's installation does not have them. */
import { readFileSync } from 'node:fs';
import { PayhookError } from '../core/errors.ts';

/** For a team's own checks, and none of our business. */
const NOT_OURS = ['@types/node', 'typescript'];

interface Manifest {
  readonly peerDependencies?: Readonly<Record<string, string>>;
  /** Only in a checkout, which has all of them or, after `npm start`, none. */
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Undefined when all are there. */
export const problemOfPeers = (
  manifest: Manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
  isInstalled: (name: string) => boolean = isThere,
): PayhookError | undefined => {
  if (manifest.devDependencies !== undefined) {
    if (isInstalled('aws-cdk-lib')) return undefined;
    return new PayhookError(
      'usage_wrong',
      'this needs packages that npm start leaves out: npm run synth, npm run deploy and npm run destroy install them first',
    );
  }
  const peers = Object.entries(manifest.peerDependencies ?? {});
  const missing = peers.filter(([name]) => !NOT_OURS.includes(name) && !isInstalled(name));
  if (missing.length === 0) return undefined;
  const packages = missing.map(([name, range]) => `${name}@${range}`).join(' ');
  return new PayhookError(
    'usage_wrong',
    `this needs packages that a server does not: npm install --save-dev ${packages}`,
  );
};

const isThere = (name: string): boolean => {
  try {
    import.meta.resolve(name);
    return true;
  } catch (error) {
    // Some let nobody import them by their bare name, which says that they are there.
    return error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
};

/** What the loader says when a package is missing. */
export const isPackageMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
