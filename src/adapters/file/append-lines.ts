/** Appends lines to a file, durably, all or none of them. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

const NEWLINE = '\n';

/** So that the name of a new file is on the disk as well. Windows does that by itself, and has no such call. */
const syncFolder = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

const endsInsideLine = async (file: FileHandle, size: number): Promise<boolean> => {
  if (size === 0) return false;
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return bytesRead === 1 && buffer.toString('latin1') !== NEWLINE;
};

/** What was written before an error is taken back, unless somebody else has written behind it. */
const writeAll = async (file: FileHandle, bytes: Uint8Array, size: number): Promise<void> => {
  let written = 0;
  try {
    while (written < bytes.byteLength) written += (await file.write(bytes, written)).bytesWritten;
    await file.datasync();
  } catch (error) {
    const isOurs = (await file.stat()).size === size + written;
    if (written > 0 && isOurs) await file.truncate(size);
    throw error;
  }
};

/**
 * Appends the text, whose last line has to be ended, and resolves when it is on the disk. The file is made, readable by
 * its owner only, when there is none, and is opened anew each time: it may be moved or removed in between. A line that a
 * crash cut off is ended first, so that no line holds two things. Rejects with the error of the file system; the file is
 * as long as before then.
 */
export const appendLines = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    const start = (await endsInsideLine(file, size)) ? NEWLINE : '';
    await writeAll(file, Buffer.from(start + text), size);
    if (size === 0) await syncFolder(dirname(path));
  } finally {
    await file.close();
  }
};
