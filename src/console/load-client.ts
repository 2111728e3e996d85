/** The files that a browser loads, in memory and compressed once: bundled in a checkout, read in a package. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PayhookError } from '../core/errors.ts';
import type { Client, ClientFile } from './api/console-deps.ts';
import { type BundledFile, bundleClient, canBundleClient } from './bundle-client.ts';
import { CLIENT_DIRECTORY } from './client-directory.ts';
import { screenFileAt } from './screen-files.ts';

const isPage = (name: string): boolean => extname(name) === '.html';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

export const loadClient = async (): Promise<Client> => {
  const files = canBundleClient() ? await bundleClient() : readBuilt();
  const of = (isOne: (name: string) => boolean) =>
    new Map(files.filter(({ name }) => isOne(name)).map((file) => [file.name, clientFile(file)]));
  const pages = of(isPage);
  const page = pages.get('index.html');
  if (page === undefined)
    throw new PayhookError('internal', 'the page of the console is missing: install Payhook again');
  return {
    pageAt: (path) => pages.get(`${screenFileAt(path)}.html`) ?? page,
    assets: of((name) => !isPage(name)),
  };
};

const readBuilt = (): readonly BundledFile[] => {
  const directory = join(import.meta.dirname, '..', '..', CLIENT_DIRECTORY);
  return readdirSync(directory).map((name) => ({ name, bytes: readFileSync(join(directory, name)) }));
};

const clientFile = ({ name, bytes }: BundledFile): ClientFile => ({
  contentType: CONTENT_TYPES[extname(name)] ?? 'application/octet-stream',
  bytes: new Uint8Array(bytes),
  gzipped: new Uint8Array(gzipSync(bytes)),
});
