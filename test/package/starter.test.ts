/** What `payhook init` writes for running it: the service unit and the container file, as far as they can be tried here. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyProject, type PackedPackage, type PackedProject, packPackage } from './packed-project.ts';
import { replayImage } from './replay-image.ts';

let packed: PackedPackage;
let project: PackedProject;

beforeAll(async () => {
  packed = await packPackage();
  project = emptyProject(packed.dependencies, { npm_config_offline: 'true' });
  for (const [command, ...args] of [
    ['npm', 'init', '-y'],
    ['npm', 'install', packed.tarball],
    ['npx', 'payhook', 'init', '--yes'],
  ]) {
    expect(await project.run(command ?? '', ...args)).toMatchObject({ code: 0 });
  }
});
afterAll(() => {
  project?.[Symbol.dispose]();
  packed?.[Symbol.dispose]();
});

const isSystemdThere = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!isSystemdThere) console.log('the service unit is not checked: there is no systemd-analyze');

test.skipIf(!isSystemdThere)('the service unit is one that systemd understands, with nothing to say about it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'payhook-unit-'));
  const unit = join(folder, 'payhook.service');
  // Where it says that the project is, there is none here.
  writeFileSync(
    unit,
    readFileSync(join(project.path, 'payhook.service'), 'utf8').replaceAll('/srv/payhook', project.path),
  );

  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });

  expect([status, stdout, stderr]).toEqual([0, '', '']);
});

const freePort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return String(typeof address === 'object' ? address?.port : '');
};

describe('the container file', () => {
  test('makes an image whose server becomes healthy, as nobody, with its data in the volume', async () => {
    // npm writes it in a project of its own registry; here it has nothing to write.
    writeFileSync(join(project.path, 'package-lock.json'), '{}');
    using image = replayImage(project.path, join(project.path, 'node_modules'));
    const env = { ...image.options.env, PAYHOOK_PORT: await freePort(), PAYHOOK_OPERATIONS_PORT: '0' };
    const [command = '', ...args] = image.command;
    const server = spawn(command, args, { ...image.options, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const listening = new Promise<void>((resolve, reject) => {
      for (const stream of [server.stdout, server.stderr]) {
        stream.on('data', (text) => {
          output += text;
          if (output.includes('listening on')) resolve();
        });
      }
      server.once('error', reject);
      server.once('exit', () => reject(new Error(`the server did not start:\n${output}`)));
    });
    await listening;

    const [node = '', ...healthArgs] = image.healthCommand;
    const health = await new Promise((resolve) =>
      execFile(node, healthArgs, { ...image.options, env }, (error) => resolve(error?.code ?? 0)),
    );
    const data = statSync(join(image.options.env.PAYHOOK_DATA_DIR ?? '', 'payhook.db'));
    server.kill('SIGTERM');
    const [code] = await once(server, 'exit');

    expect(output).toContain(`listening on http://0.0.0.0:${env.PAYHOOK_PORT}`);
    expect([health, code]).toEqual([0, 0]);
    expect(data.uid).toBe(image.options.uid ?? process.getuid?.());
    expect(data.mode & 0o777).toBe(0o600);
  });
});
