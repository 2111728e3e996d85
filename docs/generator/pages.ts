/** Every page that is generated as a whole. */
import { cliPage } from './cli-page.ts';
import { configurationPage } from './configuration-page.ts';
import { environmentPage } from './environment-page.ts';
import { eventSchemaPage } from './event-schema.ts';
import { openApiPage } from './openapi.ts';
import { paymentEventsPage } from './payment-events-page.ts';

export interface Page {
  /** From the root of the project. */
  readonly path: string;
  readonly text: () => string;
}

export const PAGES: readonly Page[] = [
  { path: 'docs/payment-events.md', text: paymentEventsPage },
  { path: 'docs/reference/cli.md', text: cliPage },
  { path: 'docs/reference/configuration.md', text: configurationPage },
  { path: 'docs/reference/environment.md', text: environmentPage },
  { path: 'docs/reference/openapi.json', text: openApiPage },
  { path: 'docs/reference/payment-event.schema.json', text: eventSchemaPage },
];
