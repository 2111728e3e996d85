/** The table of layers in ARCHITECTURE.md, made of `test/layers.ts`: what is shown is what is tested. */
import { LAYERS, type Layer } from '../../test/layers.ts';
import { code, table } from './markdown.ts';

const START = '<!-- layers -->\n';
const END = '\n<!-- /layers -->';

/** `src/core/` → `core`; the root of the sources has no shorter name. */
const short = (path: string): string => (path === 'src/' ? 'src' : path.replace(/^src\//, '').replace(/\/$/, ''));

const listed = (paths: readonly string[]): string => paths.map((path) => code(short(path))).join(', ');

/** Folders that may be imported besides the own one. An allowed path inside a forbidden one is an exception to it. */
const foldersCell = ({ folders, except = [] }: Layer): string => {
  const inside = folders.filter((path) => except.some((forbidden) => path.startsWith(forbidden)));
  const allowed = folders.filter((path) => !inside.includes(path));
  const parts = [
    listed(allowed),
    except.length === 0 ? '' : `but not ${listed(except)}`,
    inside.length === 0 ? '' : `except ${listed(inside)}`,
  ];
  return parts.filter((part) => part !== '').join(', ') || '–';
};

/** Clients of AWS are one entry, and modules of Node stand without their prefix. */
const packagesCell = ({ packages }: Layer): string => {
  if (packages.includes('*')) return 'any';
  const isClient = (name: string): boolean => name.startsWith('@aws-sdk/client-');
  const libraries = packages.filter((name) => !name.startsWith('node:') && !isClient(name));
  const modules = packages.filter((name) => name.startsWith('node:')).map((name) => name.replace('node:', ''));
  const parts = [
    ...(packages.some(isClient) ? [code('@aws-sdk/client-*')] : []),
    ...libraries.map(code),
    ...(modules.length === 0 ? [] : [`Node’s ${modules.join(', ')}`]),
  ];
  return parts.join(', ') || '–';
};

/** One row for each layer, in the order of the data: the first row that a file fits holds for it. */
export const layersTable = (): string =>
  table(
    ['Folder', 'What it is', 'May import, besides itself', 'Packages'],
    LAYERS.map((layer) => [code(layer.of), layer.what, foldersCell(layer), packagesCell(layer)]),
  );

/** The page with the table as it is now. Throws when the page has no place for it. */
export const withLayersTable = (page: string): string => {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start === -1 || end === -1 || end < start) {
    throw new Error('ARCHITECTURE.md has no lines <!-- layers --> and <!-- /layers --> for the table of layers');
  }
  return `${page.slice(0, start + START.length)}\n${layersTable()}\n${page.slice(end)}`;
};
