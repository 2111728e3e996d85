/**
 * Certificates that were fetched once, in a file: a start neither waits for a provider's server nor depends on it while
 * strangers keep it busy. What is read out of it is checked like what is fetched.
 */
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { KeptCertificates } from '../../core/ports/certificate-source.ts';
import type { Logger } from '../../core/ports/logger.ts';

const isTextByText = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => typeof one === 'string');

export const createKeptCertificates = (path: string, logger: Logger): KeptCertificates => {
  const notKept = (error: unknown): void =>
    logger.warn('certificates.not_kept', { path, message: error instanceof Error ? error.message : String(error) });
  /** One after the other: two that wrote at once would mix their drafts. */
  let writing = Promise.resolve();
  return {
    read() {
      try {
        const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
        if (isTextByText(value)) return new Map(Object.entries(value));
        notKept(new Error('the file does not hold certificates; it is written anew'));
      } catch (error) {
        const isFirst = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (!isFirst) notKept(error);
      }
      return new Map();
    },
    write(pemByUrl) {
      const text = `${JSON.stringify(Object.fromEntries(pemByUrl), null, 2)}\n`;
      writing = writing
        .then(() => writeFile(`${path}.new`, text, { mode: 0o600 }))
        .then(() => rename(`${path}.new`, path))
        .catch(notKept);
    },
  };
};
