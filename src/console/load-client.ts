/** The files that a browser loads, in memory and compressed once: bundled in a checkout, read in a package. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PayhookError } from '../core/errors.ts';
import type { Client, ClientFile } from './api/console-deps.ts';
import { type BundledFile, bundleClient, canBundleClient } from './bundle-client.ts';
import { CLIENT_DIRECTORY } from './client-directory.ts';

const PAGE = 'index.html';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

export const loadClient = async (): Promise<Client> => {
  const files = canBundleClient() ? await bundleClient() : readBuilt();
  const all = new Map(files.map((file) => [file.name, clientFile(file)]));
  const page = all.get(PAGE);
  if (page === undefined)
    throw new PayhookError('internal', 'the page of the console is missing: install Payhook again');
  all.delete(PAGE);
  return { page, assets: all };
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
