/** What a backup says of itself: written last, so that a folder without one is none. */

import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeDurable } from '../../../adapters/file/secret-file.ts';
import { newerThanKnown, PayhookError } from '../../../core/errors.ts';

const FORMAT = 1;
const MANIFEST = 'manifest.json';
export const COPY = 'payhook.db';
/** Keys lie in a folder of their own, so that they can be kept elsewhere. */
export const KEYS = 'keys';

const count = z.int().nonnegative();
/** Names are joined to folders: none may lead out of one. */
const fileName = z.string().regex(/^[\w-][\w.-]*$/);

const schema = z.object({
  format: z.literal(FORMAT),
  payhook: z.string(),
  databaseVersion: count,
  takenAt: z.string(),
  database: z.object({ bytes: count, sha256: z.string() }),
  counts: z.object({ webhooks: count, payments: count, auditEntries: count }),
  lastDigest: z.object({ number: count, hash: z.string() }).nullable(),
  keyFiles: z.array(
    z.object({ purpose: z.enum(['payload', 'audit', 'destination']), file: fileName, fingerprint: z.string() }),
  ),
  hasKeys: z.boolean(),
});

export type BackupManifest = Readonly<z.infer<typeof schema>>;

export const writeManifest = (folder: string, manifest: Omit<BackupManifest, 'format'>): BackupManifest => {
  const path = join(folder, MANIFEST);
  const whole: BackupManifest = { format: FORMAT, ...manifest };
  writeFileSync(`${path}.new`, `${JSON.stringify(whole, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  makeDurable(path);
  return whole;
};

/** Throws one sentence when the folder holds no backup that was finished, or one that this release cannot read. */
export const readManifest = (folder: string): BackupManifest => {
  const path = join(folder, MANIFEST);
  const value = readJson(path);
  const { format } = (typeof value === 'object' && value !== null ? value : {}) as { format?: unknown };
  if (typeof format === 'number' && format > FORMAT) throw newerThanKnown(`backup ${folder}`, format, FORMAT);
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new PayhookError('store_damaged', `${path} is not the manifest of a backup: it was edited or cut off`);
};

const readJson = (path: string): unknown => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new PayhookError(
      'not_found',
      `there is no finished backup: ${path} cannot be read (${message}); it is written last`,
      { cause: error },
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: said like any other text that is no manifest.
    return undefined;
  }
};

const CHUNK_BYTES = 1024 * 1024;

export const fingerprintOfFile = (path: string): { readonly bytes: number; readonly sha256: string } => {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return { bytes: statSync(path).size, sha256: hash.digest('hex') };
};
