/** Remembers the newest audit digest in a small file beside the database. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { AnchoredDigest, DigestAnchor } from '../../audit/digest-anchor.ts';
import { PayhookError } from '../../core/errors.ts';

const isAnchor = (value: unknown): value is AnchoredDigest =>
  typeof value === 'object' &&
  value !== null &&
  'number' in value &&
  typeof value.number === 'number' &&
  'hash' in value &&
  typeof value.hash === 'string';

export const createFileDigestAnchor = (path: string): DigestAnchor => ({
  async read() {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw new PayhookError('audit_unavailable', `cannot read ${path}: check its permissions`, { cause: error });
    }
    try {
      const value: unknown = JSON.parse(text);
      if (isAnchor(value)) return { number: value.number, hash: value.hash };
    } catch {
      // Falls through: a file that is not JSON is reported like one that is not an anchor.
    }
    throw new PayhookError('audit_unavailable', `${path} does not hold an audit anchor: it was edited or cut off`);
  },
  async write({ number, hash }) {
    try {
      await writeFile(`${path}.new`, `${JSON.stringify({ number, hash })}\n`, { mode: 0o600, flush: true });
      await rename(`${path}.new`, path);
    } catch (error) {
      throw new PayhookError('audit_unavailable', `cannot write ${path}: check the disk and the permissions`, {
        cause: error,
      });
    }
  },
});
