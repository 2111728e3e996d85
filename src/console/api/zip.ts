/**
 * Writes a ZIP archive (PKWARE APPNOTE 6.3.10) while its contents come: sizes and checksums stand behind each file, nothing has
 * to be known before, and no more than a piece is in memory. Without ZIP64: an archive ends below 4 GiB.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib';

export interface Zip {
  /** A file in pieces, one after the other; another name begins another file. */
  append(name: string, text: string): Promise<void>;
  end(): Promise<void>;
}

/** As much is compressed at a time: pieces are lines. */
const PIECE_CHARS = 256 * 1024;

/** Bit 3: sizes come behind the file. Bit 11: names are UTF-8. */
const FLAGS = 0x0808;
const DEFLATE = 8;
const VERSION = 20;
const OF_UNIX = 3 << 8;
/** A file that its owner alone may read. */
const MODE = 0o100600;

interface Written {
  readonly name: Buffer;
  readonly offset: number;
  crc: number;
  compressedBytes: number;
  bytes: number;
}

export const createZip = (write: (bytes: Uint8Array) => Promise<unknown>, at: Date): Zip => {
  const time = Buffer.alloc(4);
  time.writeUInt16LE((at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1), 0);
  time.writeUInt16LE(((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(), 2);
  const files: Written[] = [];
  let offset = 0;
  let waiting = '';

  const put = async (bytes: Uint8Array): Promise<void> => {
    offset += bytes.length;
    await write(bytes);
  };
  const compress = async (file: Written, finishFlush: number): Promise<void> => {
    const bytes = Buffer.from(waiting);
    waiting = '';
    const compressed = deflateRawSync(bytes, { finishFlush });
    file.crc = crc32(bytes, file.crc);
    file.bytes += bytes.length;
    file.compressedBytes += compressed.length;
    await put(compressed);
  };
  const begin = async (name: string): Promise<Written> => {
    const file = { name: Buffer.from(name), offset, crc: 0, compressedBytes: 0, bytes: 0 };
    files.push(file);
    await put(header(0x04034b50, [VERSION, FLAGS, DEFLATE], time, file, []));
    return file;
  };
  const close = async (file: Written | undefined): Promise<void> => {
    if (file === undefined) return;
    await compress(file, constants.Z_FINISH);
    await put(Buffer.concat([uint32(0x08074b50), sizesOf(file)]));
  };

  return {
    async append(name, text) {
      let file = files.at(-1);
      if (file?.name.toString() !== name) {
        await close(file);
        file = await begin(name);
      }
      waiting += text;
      if (waiting.length >= PIECE_CHARS) await compress(file, constants.Z_SYNC_FLUSH);
    },
    async end() {
      await close(files.at(-1));
      const directory = offset;
      for (const file of files) {
        const more = [...uint16s(0, 0, 0), uint32(MODE * 0x10000), uint32(file.offset)];
        await put(header(0x02014b50, [OF_UNIX | VERSION, VERSION, FLAGS, DEFLATE], time, file, more));
      }
      const length = offset - directory;
      const counts = uint16s(0, 0, files.length, files.length);
      await put(Buffer.concat([uint32(0x06054b50), ...counts, uint32(length), uint32(directory), ...uint16s(0)]));
    },
  };
};

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const uint16s = (...values: readonly number[]): readonly Buffer[] =>
  values.map((value) => {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    return bytes;
  });

const sizesOf = ({ crc, compressedBytes, bytes }: Written): Buffer =>
  Buffer.concat([crc, compressedBytes, bytes].map(uint32));

/** The one before a file has no sizes yet; the one of the directory has them, and `more` behind the length of the name. */
const header = (
  signature: number,
  words: readonly number[],
  time: Buffer,
  file: Written,
  more: readonly Buffer[],
): Buffer =>
  Buffer.concat([
    uint32(signature),
    ...uint16s(...words),
    time,
    sizesOf(file),
    ...uint16s(file.name.length, 0),
    ...more,
    file.name,
  ]);
