/** Writes a dictionary as a file of the sources, once: what was compressed with it is read with nothing else. */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

const LINE_CHARS = 110;

/** `folder` below the project; the file is `{name}-dictionary-{number}.ts`. */
export const writeDictionary = (folder: string, name: string, number: number, dictionary: Buffer): void => {
  if (!Number.isInteger(number) || number < 1 || number > 255) throw new RangeError('which dictionary? 1 to 255');
  const path = join(import.meta.dirname, '..', folder, `${name}-dictionary-${number}.ts`);
  if (existsSync(path)) throw new Error(`${path} is there already: what was stored with it is read with nothing else`);
  const base64 = deflateRawSync(dictionary, { level: 9 }).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? [];
  const maker = basename(process.argv[1] ?? '');
  writeFileSync(
    path,
    `/** Written by bench/${maker}, never by hand and never again: ${dictionary.length} bytes, compressed. */
export const ${name.toUpperCase()}_DICTIONARY_${number}: readonly string[] = [
${lines.map((line) => `  '${line}',`).join('\n')}
];
`,
  );
  const sha256 = createHash('sha256').update(dictionary).digest('hex');
  process.stdout.write(`${path}: ${dictionary.length} bytes, SHA-256 ${sha256}\n`);
};
