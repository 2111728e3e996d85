/** Completion: what the scripts of shells ask the command for, and that the shells take the scripts. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTestFolder, MAIN, runCommand } from '../support/running-server.ts';

const completed = async (...words: readonly string[]): Promise<readonly (string | undefined)[]> => {
  const { code, stdout, stderr } = await runCommand(['complete', '--', ...words], {});
  expect([code, stderr]).toEqual([0, '']);
  return stdout.split('\n').map((line) => line.split('\t')[0]);
};

describe('payhook complete', () => {
  test('knows commands and those below them', async () => {
    expect(await completed('')).toEqual(expect.arrayContaining(['serve', 'send', 'webhooks', 'dead-letters', 'audit']));
    expect(await completed('webhooks', '')).toEqual(expect.arrayContaining(['list', 'show', 'replay']));
    expect(await completed('webhooks', 're')).toContain('replay');
    expect(await completed('')).not.toContain('complete');
  });

  test('knows options, and the values that they may have', async () => {
    expect(await completed('webhooks', 'list', '--s')).toEqual(expect.arrayContaining(['--since', '--status']));
    expect(await completed('webhooks', 'list', '--provider', '')).toEqual(expect.arrayContaining(['stripe', 'adyen']));
    expect(await completed('--home', '')).toEqual(expect.arrayContaining(['local', 'aws']));
  });

  test('knows providers, their samples and scenarios', async () => {
    expect(await completed('send', 'str')).toContain('stripe');
    expect(await completed('send', 'stripe', 'payment_intent.su')).toContain('payment_intent.succeeded');
    expect(await completed('send', 'scenario', 'three')).toContain('three-providers');
  });
});

describe('payhook completion', () => {
  test.each(['bash', 'zsh', 'fish'])('prints a script for %s that asks the command', async (shell) => {
    const { code, stdout } = await runCommand(['completion', shell], {});

    expect([code, stdout]).toEqual([0, expect.stringContaining('payhook complete --')]);
    // Shells that are not on this machine cannot be asked; bash always is. fish reads no script from its input without running it.
    using folder = createTestFolder();
    const script = join(folder.path, 'script');
    writeFileSync(script, stdout);
    const checked = spawnSync(shell, ['-n', script]);
    const isHere = checked.error === undefined;
    expect([shell, isHere ? checked.status : 0]).toEqual([shell, 0]);
    if (shell === 'bash') expect(isHere).toBe(true);
  });

  test('regression: a script for bash that is read twice, as when a profile is read again, says nothing', async () => {
    const { stdout } = await runCommand(['completion', 'bash'], {});
    const twice = 'source <(cat <<< "$1"); source <(cat <<< "$1"); complete -p payhook';

    const { status, stdout: said, stderr } = spawnSync('bash', ['-c', twice, 'bash', stdout], { encoding: 'utf8' });

    expect([status, said.trim(), stderr]).toEqual([0, 'complete -F __payhook_complete payhook', '']);
  });

  test('regression: completes in a bash that has no package bash-completion', async () => {
    const { stdout } = await runCommand(['completion', 'bash'], {});
    // Outside of a completion the shell has no options for one.
    const complete = `compopt() { :; }; payhook() { "$node" "$main" "$@"; }; eval "$script"
      COMP_WORDS=(payhook webhooks re) COMP_CWORD=2; __payhook_complete; echo "\${COMPREPLY[@]}"`;
    const env = { ...process.env, node: process.execPath, main: MAIN, script: stdout };

    const { stdout: said, stderr } = spawnSync('bash', ['--norc', '-c', complete], { encoding: 'utf8', env });

    expect([said, stderr]).toEqual(['replay\n', '']);
  });

  test('says which shells there are', async () => {
    expect(await runCommand(['completion', 'dash'], {})).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('fish'),
    });
  });
});
