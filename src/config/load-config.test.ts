import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS } from '../core/time.ts';
import { loadConfig } from './load-config.ts';

test('PAYHOOK_HOST is listened on, whatever the file says', async () => {
  const loaded = await loadConfig({ env: { PAYHOOK_HOST: '0.0.0.0' }, cwd: tmpdir() });

  expect(loaded).toMatchObject({ outcome: 'loaded', settings: { config: { edge: { host: '0.0.0.0' } } } });
});

test('rejected deliveries are kept for a week, in mode live only where that is decided', async () => {
  const keptFor = async (config: string): Promise<number | null> => {
    const cwd = mkdtempSync(join(tmpdir(), 'payhook-config-'));
    writeFileSync(join(cwd, 'payhook.config.ts'), `export default ${config};`);
    const loaded = await loadConfig({ env: {}, cwd, home: 'aws' });
    rmSync(cwd, { recursive: true });
    if (loaded.outcome !== 'loaded') throw new Error(JSON.stringify(loaded.problems));
    return loaded.settings.rejectedKeptForMs;
  };

  expect(await keptFor('{}')).toBe(7 * DAY_MS);
  expect(await keptFor("{ mode: 'live' }")).toBeNull();
  expect(await keptFor("{ mode: 'live', rejected: { areKept: true, days: 2 } }")).toBe(2 * DAY_MS);
  expect(await keptFor('{ rejected: { areKept: false } }')).toBeNull();
});

test('the console knows of IAM what the configuration says, and nothing that is no role', async () => {
  const rolesOf = async (awsRoles: string) => {
    const cwd = mkdtempSync(join(tmpdir(), 'payhook-config-'));
    writeFileSync(join(cwd, 'payhook.config.ts'), `export default { console: { awsRoles: ${awsRoles} } };`);
    const loaded = await loadConfig({ env: {}, cwd, home: 'aws' });
    rmSync(cwd, { recursive: true });
    return loaded.outcome === 'loaded' ? loaded.settings.config.console.awsRoles : loaded.problems.length;
  };

  const known = { OnCall: 'operator', 'arn:aws:iam::123456789012:role/team/Lead': 'approver' };
  expect(await rolesOf(JSON.stringify(known))).toEqual(known);
  expect(await rolesOf("{ OnCall: 'admin' }")).toBe(1);
  expect(await rolesOf("{ 'role/OnCall': 'operator' }")).toBe(1);
  expect(await rolesOf("{ 'arn:aws:sts::123456789012:assumed-role/OnCall/alice': 'operator' }")).toBe(1);
});

test.each(['PAYHOOK_DATA_DIR', 'PAYHOOK_HOST', 'PAYHOOK_OPERATOR', 'PAYHOOK_CONFIG'])(
  '%s with a line break at its end is a mistake, and never another folder or name',
  async (name) => {
    for (const value of ['x\n', ' x', 'x\r\n']) {
      const loaded = await loadConfig({ env: { [name]: value }, cwd: tmpdir() });

      expect(loaded).toMatchObject({
        outcome: 'invalid',
        problems: expect.arrayContaining([expect.objectContaining({ where: `environment variable ${name}` })]),
      });
    }
  },
);
