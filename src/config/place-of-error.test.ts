import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { placeOfError, placeOfSetting } from './place-of-error.ts';

describe('placeOfError', () => {
  test('reads the line and the mark that Node shows for what is no code', () => {
    const url = pathToFileURL('/app/payhook.config.ts').href;
    const error = new SyntaxError('Unexpected token');
    error.stack = `/app/payhook.config.ts:4\nexport default defineConfig({\n  mode 'test',\n       ^^^^^^\n});\n\nSyntaxError: …`;
    expect(placeOfError(error, url)).toBe('4:8');
    expect(placeOfError(error, 'file:///app/another.ts')).toBeUndefined();
  });

  test('reads the frame of what was thrown', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'payhook-test-'));
    const path = join(folder, 'a b.config.mjs');
    writeFileSync(path, 'const limits = undefined;\nexport default { edge: limits.edge };\n');
    const { href } = pathToFileURL(path);
    const error = await import(/* @vite-ignore */ href).catch((thrown: unknown) => thrown);
    rmSync(folder, { recursive: true });
    const thrown = new TypeError('x');
    thrown.stack = `TypeError: x\n    at ${href}:2:31\n    at async y`;

    expect(error).toBeInstanceOf(TypeError);
    expect(placeOfError(thrown, href)).toBe('2:31');
  });

  test.each([undefined, 'text', new Error('without a place')])('says nothing of %s', (error) => {
    expect(placeOfError(error, 'file:///app/payhook.config.ts')).toBeUndefined();
  });
});

describe('placeOfSetting', () => {
  const SOURCE = `export default defineConfig({\n  mdoe: 'test',\n  edge: { 'host': 5 },\n  a: { same: 1 }, b: { same: 2 },\n});\n`;

  test.each([
    ['mdoe', '2:3'],
    ['host', '3:11'],
  ])('of %s is %s', (setting, place) => {
    expect(placeOfSetting(SOURCE, setting)).toBe(place);
  });

  test.each(['same', 'retentionDays', 'doe', '(all)'])('of %s is not known', (setting) => {
    expect(placeOfSetting(SOURCE, setting)).toBeUndefined();
  });
});
