/** What the package says about the Node that it needs: on the oldest one it works. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageManifest } from '../../packaging/package-manifest.ts';
import { installOldestNode } from './install-oldest-node.ts';
import { emptyProject, type PackedPackage, type PackedProject, packPackage, type Ran } from './packed-project.ts';

const found = installOldestNode();
if (found.outcome === 'missing') console.log(`not tried on the oldest Node: ${found.why}`);
const node = found.outcome === 'there' ? found.path : undefined;

const OWN = JSON.parse(readFileSync(join(import.meta.dirname, 'oldest-node', 'package.json'), 'utf8'));
const [VERSION] = new Set<string>(Object.values(OWN.optionalDependencies));

test('the oldest Node that the package promises is the one that is tried', () => {
  const checkout = { name: '', version: '', description: '', dependencies: {}, exports: {} };
  const { engines } = packageManifest({ ...checkout, devDependencies: { 'aws-cdk': '1.0.0' } }, new Set());

  expect(engines.node.split(' ')[0]).toBe(`^${VERSION}`);
});

describe.skipIf(node === undefined)(`on Node ${VERSION}`, () => {
  let packed: PackedPackage;
  let project: PackedProject;

  const succeed = async (command: string, ...args: readonly string[]): Promise<Ran> => {
    const ran = await project.run(command, ...args);
    expect(ran, `${command} ${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toMatchObject({ code: 0 });
    return ran;
  };

  beforeAll(async () => {
    packed = await packPackage();
    const variables = { PAYHOOK_PORT: '0', PAYHOOK_OPERATIONS_PORT: '0', npm_config_offline: 'true' };
    project = emptyProject(packed.dependencies, variables, node);
    await succeed('npm', 'init', '-y');
    await succeed('npm', 'install', packed.tarball);
    await succeed('npx', 'payhook', 'init', '--yes');
  });
  afterAll(() => {
    project?.[Symbol.dispose]();
    packed?.[Symbol.dispose]();
  });

  test('it says so itself', async () => {
    expect((await succeed('npx', 'payhook', '--version')).stdout).toContain(`Node ${VERSION}`);
  });

  test('every provider’s first event and whole lives of payments come out as planned, and the trail is whole', async () => {
    await using server = await project.serve();
    const send = (...args: readonly string[]) => succeed('npx', 'payhook', 'send', ...args, '--url', server.url);

    expect((await send('adyen', 'AUTHORISATION')).stdout).toMatch(/^processed {2}after 1 attempt$/m);
    expect((await send('scenario', 'three-providers', '--shuffle', '--duplicate')).stdout).toMatch(
      /came out as planned\n$/,
    );
    expect(server.output()).toMatch(/^square: \d+ [A-Z]{3} of \w+ paid /m);
    expect((await succeed('npx', 'payhook', 'audit', 'verify')).stdout).toContain('the audit trail is whole');
  });

  test('the test of the handler passes', async () => {
    expect((await succeed('npm', 'test')).stdout).toMatch(/pass 2/);
  });
});
