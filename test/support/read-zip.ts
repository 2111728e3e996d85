/** Reads a ZIP archive as strictly as the strictest program: by its directory, with each size and checksum. */
import { crc32, inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;

/** The files by name, in the order of the archive. Throws for what is none. */
export const readZip = (archive: Buffer): ReadonlyMap<string, Buffer> => {
  const end = archive.length - 22;
  if (archive.readUInt32LE(end) !== END) throw new Error('the archive has no end');
  const count = archive.readUInt16LE(end + 10);
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (archive.readUInt32LE(at) !== DIRECTORY) throw new Error('the directory is broken');
    const [crc, compressedBytes, bytes] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset));
    const nameBytes = archive.readUInt16LE(at + 28);
    const name = archive.subarray(at + 46, at + 46 + nameBytes).toString('utf8');
    const local = archive.readUInt32LE(at + 42);
    if (archive.readUInt32LE(local) !== LOCAL) throw new Error(`${name} does not begin where the directory says`);
    const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const over = begin + (compressedBytes ?? 0);
    const contents = inflateRawSync(archive.subarray(begin, over));
    const described = [archive.readUInt32LE(over), ...[4, 8, 12].map((offset) => archive.readUInt32LE(over + offset))];
    const expected = [DESCRIPTOR, crc32(contents), compressedBytes, contents.length];
    if (JSON.stringify(described) !== JSON.stringify(expected)) throw new Error(`${name} is not what stands behind it`);
    if (crc !== crc32(contents) || bytes !== contents.length) throw new Error(`${name} is not what the directory says`);
    files.set(name, contents);
    at += 46 + nameBytes;
  }
  if (at !== end) throw new Error('the directory does not end where the end says');
  return files;
};
