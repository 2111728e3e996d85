/** `npm run docs`: writes the pages that are generated, and the part of ARCHITECTURE.md that is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLayersTable } from './layers-table.ts';
import { paymentEventsPage } from './payment-events-page.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ARCHITECTURE = join(ROOT, 'ARCHITECTURE.md');

writeFileSync(join(ROOT, 'docs', 'payment-events.md'), paymentEventsPage());
writeFileSync(ARCHITECTURE, withLayersTable(readFileSync(ARCHITECTURE, 'utf8')));
