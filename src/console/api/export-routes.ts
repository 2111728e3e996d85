/**
 * Every list as a file, with its filters: a JSON object a line, or CSV, with the fields of the command line. Page after page,
 * so that neither this process nor the home holds more than one.
 */
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { csvHeader, csvLine, csvNames } from '../../operate/csv.ts';
import { timesIn } from '../../operate/csv-times.ts';
import { paymentCsv } from '../../operate/payment-csv.ts';
import type { PaymentJson } from '../../operate/payment-json.ts';
import { type RejectedJson, rejectedCsv } from '../../operate/rejected-json.ts';
import { timeText } from '../../operate/webhook-json.ts';
import { type WebhookRow, webhookCsv } from '../../operate/webhook-rows.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ExportedList, exportReaders, type Fields, OF_THE_TRAIL, type ReadPart } from './export-readers.ts';
import { type ConsoleEnv, only, refusal } from './guard.ts';
import { exportQuery, read } from './queries.ts';

/** As the command line writes them, where that is otherwise than JSON. */
const CSV_OF: Partial<Record<ExportedList, (row: Fields) => Fields>> = {
  deliveries: (row) => rejectedCsv(row as unknown as RejectedJson),
  payments: (row) => paymentCsv(row as unknown as PaymentJson),
  webhooks: (row) => webhookCsv(row as unknown as WebhookRow),
};

/** With the cursor at the end. */
const asCsv =
  (readPart: ReadPart, csvOf: (row: Fields) => Fields): ReadPart =>
  async (after) => {
    const { rows, next } = await readPart(after);
    return { rows: rows.map(({ cursor, ...row }) => ({ ...csvOf(row), cursor })), next };
  };

interface Writer {
  readonly contentType: string;
  lines(rows: readonly Fields[]): readonly string[];
  /** The last line of a file that is not all: nobody takes it for the whole. */
  unfinished(why: string): string;
}

/** `timeZone` is for people: NDJSON is for programs, and stays as the API says it. */
const WRITERS: Readonly<Record<'ndjson' | 'csv', (timeZone: string | undefined) => Writer>> = {
  ndjson: () => ({
    contentType: 'application/x-ndjson',
    lines: (rows) => rows.map((row) => JSON.stringify(row)),
    unfinished: (why) => JSON.stringify({ unfinished: why }),
  }),
  csv: (timeZone) => {
    const asShown = timeZone === undefined ? (row: Fields) => row : timesIn(timeZone);
    let names: readonly string[] | undefined;
    return {
      contentType: 'text/csv; charset=utf-8',
      lines(rows) {
        if (rows.length === 0) return [];
        const columns = names ?? csvNames(rows);
        const header = names === undefined ? [csvHeader(columns)] : [];
        names = columns;
        return [...header, ...rows.map((row) => csvLine(columns, asShown(row)))];
      },
      unfinished: (why) => csvLine(['why'], { why: `not all of it: ${why}` }),
    };
  },
};

/** Until the end, or what one export may be. */
const writeAll = async (
  { clock }: Pick<ConsoleDeps['home'], 'clock'>,
  out: { readonly aborted: boolean; write(text: string): Promise<unknown> },
  readPart: ReadPart,
  writer: Writer,
): Promise<void> => {
  const elapsed = clock.stopwatch();
  let rows = 0;
  for (let next: string | null | undefined; next !== null && !out.aborted; ) {
    if (rows >= LIMITS.consoleExportRowsMax || elapsed() * 1000 >= LIMITS.consoleExportMsMax) {
      await out.write(`${writer.unfinished(`go on with after=${next}`)}\n`);
      return;
    }
    const part = await readPart(next);
    const lines = writer.lines(part.rows);
    if (lines.length > 0) await out.write(`${lines.join('\n')}\n`);
    rows += part.rows.length;
    next = part.next;
  }
};

export const exportRoutes = (deps: ConsoleDeps) => {
  const { home, onBug } = deps;
  const readers = exportReaders(deps);
  const isList = (name: string): name is ExportedList => Object.hasOwn(readers, name);
  const routes = new Hono<ConsoleEnv>();
  for (const list of OF_THE_TRAIL) routes.use(`/${list}`, only(home.operators, 'read_audit'));
  let underway = 0;

  return routes.get('/:list', async (context) => {
    const name = context.req.param('list');
    if (!isList(name)) return refusal(context, 404, 'not_found', 'there is no such list');
    const { format: asked, check: isAsked, timeZone, ...filters } = context.req.query();
    const { format, check } = read(exportQuery, { format: asked, check: isAsked });
    const writer = WRITERS[format](timeZone);
    const asJson = readers[name](filters);
    const csvOf = CSV_OF[name];
    const readPart = format === 'csv' && csvOf !== undefined ? asCsv(asJson, csvOf) : asJson;
    if (underway >= LIMITS.consoleExportsMax) {
      return refusal(context, 429, 'too_many_exports', 'other exports are under way: wait until they end');
    }
    // A browser keeps what a link brings, and shows nobody why there is nothing: a page asks first.
    if (check !== undefined) {
      await readPart(undefined);
      return context.json({});
    }
    underway += 1;
    context.header('Content-Type', writer.contentType);
    const day = timeText(home.clock.now()).slice(0, 10);
    context.header('Content-Disposition', `attachment; filename="payhook-${name}-${day}.${format}"`);
    return stream(context, async (out) => {
      try {
        await writeAll(home, out, readPart, writer);
      } catch (error) {
        // The status is sent already: the file itself says that it broke off.
        if (!(error instanceof PayhookError)) onBug(error);
        await out.write(`${writer.unfinished(error instanceof PayhookError ? error.code : 'internal')}\n`);
      } finally {
        underway -= 1;
      }
    });
  });
};
