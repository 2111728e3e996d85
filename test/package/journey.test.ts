/** What a new user does: an empty folder, the packed package, and a first webhook that the folder's own handler is called with. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CHECKERS,
  emptyProject,
  MODULES,
  type PackedPackage,
  type PackedProject,
  packPackage,
  type Ran,
} from './packed-project.ts';

const VARIABLES = {
  PAYHOOK_PORT: '0',
  PAYHOOK_OPERATIONS_PORT: '0',
  npm_config_offline: 'true',
  npm_config_fund: 'false',
};
/** A promise to users; without what the network takes. */
const FIRST_WEBHOOK_MS_MAX = 60_000;
describe('a project of a team’s own', () => {
  let packed: PackedPackage;
  let project: PackedProject;

  const succeed = async (command: string, ...args: readonly string[]): Promise<Ran> => {
    const ran = await project.run(command, ...args);
    expect(ran, `${command} ${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toMatchObject({ code: 0 });
    return ran;
  };

  beforeAll(async () => {
    packed = await packPackage();
    project = emptyProject(packed.dependencies, VARIABLES);
  });

  afterAll(() => {
    project?.[Symbol.dispose]();
    packed?.[Symbol.dispose]();
  });

  test('from an empty folder to a first processed webhook takes less than a minute', async () => {
    const startedAt = performance.now();
    await succeed('npm', 'init', '-y');
    await succeed('npm', 'install', packed.tarball);
    await succeed('npx', 'payhook', 'init', '--yes');
    await using server = await project.serve();
    const { stdout } = await succeed(
      'npx',
      'payhook',
      'send',
      'stripe',
      'payment_intent.succeeded',
      '--url',
      server.url,
    );
    const ms = performance.now() - startedAt;

    expect(stdout).toMatch(/^accepted .*\nprocessed {2}after 1 attempt$/m);
    expect(server.output()).toMatch(/^stripe: \d+ [A-Z]{3} of pi_\w+ paid \(stripe:evt_\w+\)$/m);
    console.log(`from npm init to a first processed webhook: ${(ms / 1000).toFixed(1)} s`);
    expect(ms).toBeLessThan(FIRST_WEBHOOK_MS_MAX);
  });

  test('what came in is there for every command, and the trail is whole', async () => {
    const { stdout } = await succeed('npx', 'payhook', 'webhooks', 'list', '--json');

    expect(JSON.parse(stdout)).toMatchObject({ status: 'processed', eventType: 'payment_intent.succeeded' });
    await succeed('npx', 'payhook', 'audit', 'verify');
  });

  test('its own test of its handler passes, without a server', async () => {
    const { stdout } = await succeed('npm', 'test');

    expect(stdout).toMatch(/pass 2/);
  });

  test.each([true, false])('its files pass the strict compiler, with skipLibCheck %s', async (skipLibCheck) => {
    for (const name of CHECKERS) {
      cpSync(join(MODULES, name), join(project.path, 'node_modules', name), { recursive: true });
    }
    const tsc = join(MODULES, 'typescript', 'bin', 'tsc');

    await succeed(process.execPath, tsc, '-p', '.', '--skipLibCheck', String(skipLibCheck));
  });

  test('what a server does not need is asked for in one sentence when it is needed', async () => {
    for (const args of [
      ['synth', 'dev'],
      ['webhooks', 'list', '--home', 'aws', '--environment-suffix', 'dev'],
    ]) {
      const { code, stderr } = await project.run('npx', 'payhook', ...args);

      expect(stderr).toMatch(
        /^payhook: this needs packages that a server does not: npm install --save-dev .*aws-cdk-lib@\^/,
      );
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(code).toBe(2);
    }
  });

  test('its handlers are built into the functions of a stack', async () => {
    project.link(...packed.peers);

    await succeed('npx', 'payhook', 'synth', 'dev');

    expect(existsSync(join(project.path, 'cdk.out', 'stack-payhook-dev.template.json'))).toBe(true);
    const bundle = join(project.path, 'build', 'payhook', 'lambda', 'payment-processor', 'index.mjs');
    expect(readFileSync(bundle, 'utf8')).toContain('the payment is not known yet');
  });

  test('signing secrets are no business of AWS before somebody says so', async () => {
    const { code, stderr } = await project.run('npx', 'payhook', 'secrets', 'set', 'stripe');

    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('the local home takes its secrets from the environment (PAYHOOK_STRIPE_SIGNING_SECRETS'),
    ]);
  });

  test('a second init changes nothing', async () => {
    const before = readFileSync(join(project.path, 'package.json'), 'utf8');

    const { stdout } = await succeed('npx', 'payhook', 'init', '--yes');

    expect(stdout).not.toMatch(/^(wrote|changed)/m);
    expect(readFileSync(join(project.path, 'package.json'), 'utf8')).toBe(before);
  });
});
