/** `npm run docs`: writes the pages that are generated. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paymentEventsPage } from './payment-events-page.ts';

writeFileSync(join(import.meta.dirname, '..', 'payment-events.md'), paymentEventsPage());
