/** `npm run docs`: writes the pages that are generated, and the part of ARCHITECTURE.md that is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLayersTable } from './layers-table.ts';
import { PAGES } from './pages.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ARCHITECTURE = join(ROOT, 'ARCHITECTURE.md');

for (const { path, text } of PAGES) writeFileSync(join(ROOT, path), text());
writeFileSync(ARCHITECTURE, withLayersTable(readFileSync(ARCHITECTURE, 'utf8')));
