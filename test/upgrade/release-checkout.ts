/** Modules of the release that fixtures are made with: the checkout that this process was started in. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const RELEASE = process.cwd();

/** `T` says as much of the module as is used. Whether it is so shows when the fixtures are made. */
export const loadOfRelease = async <T>(path: string): Promise<T> =>
  await import(pathToFileURL(join(RELEASE, path)).href);
