/** Remembers the newest audit digest in a small file beside the database. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { anchorIn, type DigestAnchor } from '../../audit/digest-anchor.ts';
import { PayhookError } from '../../core/errors.ts';

export const createFileDigestAnchor = (path: string): DigestAnchor => ({
  async read() {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw new PayhookError('audit_unavailable', `cannot read ${path}: check its permissions`, { cause: error });
    }
    const anchored = anchorIn(text);
    if (anchored !== undefined) return anchored;
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
