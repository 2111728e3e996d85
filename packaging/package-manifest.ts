/** From the checkout's package.json to that of the package: what a server needs, and what it takes to deploy. */
import assert from 'node:assert/strict';

export interface CheckoutManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license?: string;
  readonly repository?: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  /** Sources, by what they are imported as. */
  readonly exports: Readonly<Record<string, string>>;
}

/**
 * Type stripping without a flag, for a team's configuration and handlers, and numbered parameters in its SQLite.
 * `packaging/payhook.cjs` says it too.
 */
const NODE = '^22.20.0 || >=24.7.0';

/**
 * What only the AWS home and its deployment need, many times the size of the rest: whoever deploys installs these,
 * a server does not.
 */
const ONLY_ON_AWS = /^@aws-sdk\/|^(?:aws4|aws-cdk|aws-cdk-lib|constructs|esbuild)$/;
/** CDK's command line, which is run and not imported. */
const DEPLOYER = 'aws-cdk';
/** What a team checks its own files with. */
const ONLY_TO_CHECK: readonly [string, string][] = [
  ['@types/node', '>=22'],
  ['typescript', '>=5.9'],
];

/** `packages`: those that the code imports. Throws when it imports one that the checkout does not name. */
export const packageManifest = (checkout: CheckoutManifest, packages: ReadonlySet<string>) => {
  const { name, version, description, license, repository } = checkout;
  const versions = { ...checkout.dependencies, ...checkout.devDependencies };
  const exact = [...packages, DEPLOYER].toSorted().map((one): [string, string] => {
    const found = versions[one];
    assert(found !== undefined, `${one} is imported and not in package.json`);
    return [one, found];
  });
  const peers = [
    ...exact.filter(([one]) => ONLY_ON_AWS.test(one)).map(([one, found]): [string, string] => [one, `^${found}`]),
    ...ONLY_TO_CHECK,
  ];
  return {
    name,
    version,
    description,
    license,
    repository,
    type: 'module',
    engines: { node: NODE },
    bin: { payhook: 'bin/payhook' },
    exports: {
      ...Object.fromEntries(Object.entries(checkout.exports).map(([as, source]) => [as, exportedOf(source)])),
      './package.json': './package.json',
    },
    dependencies: Object.fromEntries(exact.filter(([one]) => !ONLY_ON_AWS.test(one))),
    peerDependencies: Object.fromEntries(peers),
    peerDependenciesMeta: Object.fromEntries(peers.map(([one]) => [one, { optional: true }])),
  };
};

const exportedOf = (source: string) => ({
  types: source.replace(/\.ts$/, '.d.ts'),
  default: source.replace(/\.ts$/, '.js'),
});
