import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AUDIT_KEY, createKeyFile, DESTINATION_SECRET, findKeyFile, type KeyKind, PAYLOAD_KEY } from './key-file.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'payhook-key-'));
  path = join(directory, 'some.key');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const filesOf = <Key>(kind: KeyKind<Key>) => ({
  purpose: kind.purpose,
  make: () => createKeyFile(kind, () => path),
  find: () => findKeyFile(kind, path),
});

describe.each([filesOf(PAYLOAD_KEY), filesOf(AUDIT_KEY), filesOf(DESTINATION_SECRET)])(
  'the key file for $purpose',
  ({ make, find }) => {
    const fingerprintNow = () => {
      const found = find();
      return found.outcome === 'found' ? found.fingerprint : found.outcome;
    };

    test('is readable by its owner only, whole, and without a draft beside it', () => {
      make();

      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readdirSync(directory)).toEqual(['some.key']);
    });

    test('has the same fingerprint whenever it is read, and another than any other file', () => {
      const { fingerprint } = make();

      expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
      expect(fingerprintNow()).toBe(fingerprint);
      rmSync(path);
      expect(make().fingerprint).not.toBe(fingerprint);
    });

    test('is never replaced by a new one', () => {
      const { fingerprint } = make();
      const text = readFileSync(path, 'utf8');

      expect(make().fingerprint).toBe(fingerprint);
      expect(readFileSync(path, 'utf8')).toBe(text);
    });

    test.each<[string, (text: string) => string]>([
      ['line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
      ['space around it', (text) => `\n  ${text}\n\n`],
      ['a byte order mark', (text) => `\uFEFF${text}`],
    ])('is the same key with %s', (_what, change) => {
      const { fingerprint } = make();
      writeFileSync(path, change(readFileSync(path, 'utf8')));

      expect(fingerprintNow()).toBe(fingerprint);
    });

    test.each<[string, (text: string) => string, string]>([
      ['nothing', () => '', 'is empty'],
      ['space only', () => ' \n', 'is empty'],
      ['its first half', (text) => text.slice(0, text.length / 2), 'does not hold'],
      ['something else', () => 'canary-secret', 'does not hold'],
      ['bytes of the disk', () => '\0'.repeat(45), 'does not hold'],
    ])('is unusable with %s in it, and what is in it is not told', (_what, change, why) => {
      make();
      writeFileSync(path, change(readFileSync(path, 'utf8')));

      const found = find();

      expect(found).toMatchObject({ outcome: 'unusable', why: expect.stringContaining(why) });
      expect(JSON.stringify(found)).not.toContain('canary');
    });

    test('is missing when nothing is there, or a link to nothing', () => {
      expect(find()).toEqual({ outcome: 'missing' });
      symlinkSync(join(directory, 'nowhere'), path);
      expect(find()).toEqual({ outcome: 'missing' });
    });

    test('may be a link to the file, as mounted secrets are', () => {
      const { fingerprint } = make();
      linkSync(path, join(directory, 'mounted'));
      rmSync(path);
      symlinkSync(join(directory, 'mounted'), path);

      expect(fingerprintNow()).toBe(fingerprint);
    });

    test.each<[string, () => void, string]>([
      ['a folder', () => mkdirSync(path), 'is not a file'],
      ['a device without end', () => symlinkSync('/dev/zero', path), 'is not a file'],
      ['a link to itself', () => symlinkSync(path, path), 'cannot be read'],
      ['a file that is far too large', () => writeFileSync(path, 'A'.repeat(70_000)), 'has more than'],
    ])('is unusable when there is %s in its place', (_what, put, why) => {
      put();

      expect(find()).toMatchObject({ outcome: 'unusable', why: expect.stringContaining(why) });
    });

    test.each([0o640, 0o604, 0o620, 0o602, 0o666])('is unusable with the permissions %o, which stay', (mode) => {
      make();
      chmodSync(path, mode);

      expect(find()).toMatchObject({ outcome: 'unusable', advice: expect.stringContaining(`chmod 600 '${path}'`) });
      expect(statSync(path).mode & 0o777).toBe(mode);
    });
  },
);

describe('an audit signing key', () => {
  test('is not one of another algorithm', () => {
    const text = PAYLOAD_KEY.make();
    writeFileSync(path, text, { mode: 0o600 });

    expect(findKeyFile(AUDIT_KEY, path)).toMatchObject({ outcome: 'unusable' });
  });
});
