/**
 * Every list as a file, with its filters: a JSON object a line, or CSV, with the fields of the command line. Page after page,
 * so that neither this process nor the home holds more than one.
 */
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { checkTimes } from '../../core/match-webhook.ts';
import type { Page } from '../../core/page.ts';
import { listDestinationRows } from '../../homes/list-destinations.ts';
import { jobJson } from '../../jobs/job-json.ts';
import { listWaiting } from '../../jobs/list-waiting.ts';
import { csvHeader, csvLine, csvNames } from '../../operate/csv.ts';
import { timesIn } from '../../operate/csv-times.ts';
import { createListAuditEntries } from '../../operate/list-audit-entries.ts';
import { createListPayments } from '../../operate/list-payments.ts';
import { createListWebhooks } from '../../operate/list-webhooks.ts';
import { paymentCsv } from '../../operate/payment-csv.ts';
import { type PaymentJson, paymentJson } from '../../operate/payment-json.ts';
import { rejectedJson } from '../../operate/rejected-json.ts';
import { auditJson, timeText, webhookJson } from '../../operate/webhook-json.ts';
import { askCauses } from './cause-routes.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only, refusal } from './guard.ts';
import {
  auditQuery,
  causesQuery,
  deliveriesQuery,
  exportQuery,
  noQuery,
  paymentsQuery,
  read,
  webhooksQuery,
} from './queries.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Part {
  readonly rows: readonly Fields[];
  /** Where to go on; null at the end. */
  readonly next: string | null;
}

/** The rows behind `after`, newest first; undefined is the beginning. */
type ReadPart = (after: string | undefined) => Promise<Part>;

const ROWS_A_PART = LIMITS.consoleRowsMax;

const partOf = <Item>({ items, cursors, next }: Page<Item>, json: (item: Item) => Fields): Part => ({
  rows: items.map((item, index) => ({ ...json(item), cursor: cursors[index] ?? '' })),
  next,
});

const whole = (rows: readonly Fields[]): Part => ({ rows, next: null });

/** How each list is read, by its name in the address. What is no filter of it is refused before a byte is sent. */
const readersOf = (deps: ConsoleDeps) => {
  const { home, config, choice } = deps;
  const list = createListWebhooks(home);
  const listPayments = createListPayments(home);
  return {
    webhooks: (asked: Fields): ReadPart => {
      const { object: objectId, after: from, ...query } = read(webhooksQuery(home.clock.now()), asked);
      return async (after = from) =>
        partOf(
          await list({ ...query, objectId, limit: ROWS_A_PART, ...(after === undefined ? {} : { after }) }),
          webhookJson,
        );
    },
    payments: (asked: Fields): ReadPart => {
      const { after: from, ...query } = read(paymentsQuery(home.clock.now()), asked);
      checkTimes(query);
      return async (after = from) =>
        partOf(
          await listPayments({ ...query, limit: ROWS_A_PART, ...(after === undefined ? {} : { after }) }),
          paymentJson,
        );
    },
    deliveries: (asked: Fields): ReadPart => {
      const { after: from, ...query } = read(deliveriesQuery(home.clock.now()), asked);
      checkTimes(query);
      return async (after = from) =>
        partOf(
          await home.rejected.list({ ...query, limit: ROWS_A_PART, ...(after === undefined ? {} : { after }) }),
          rejectedJson,
        );
    },
    causes: (asked: Fields): ReadPart => {
      const query = read(causesQuery(home.clock.now()), asked);
      return async () => whole((await askCauses(deps, query)).causes.map((cause) => ({ ...cause })));
    },
    destinations: (asked: Fields): ReadPart => {
      read(noQuery, asked);
      return async () =>
        whole(
          (await listDestinationRows(config, choice.kind, (names) => home.destinations.depth(names))).map((row) => ({
            ...row,
          })),
        );
    },
    jobs: (asked: Fields): ReadPart => {
      read(noQuery, asked);
      return async (after) =>
        partOf(await home.jobs.list({ limit: ROWS_A_PART, after }), (job) => jobJson(job, home.clock));
    },
    approvals: (asked: Fields): ReadPart => {
      read(noQuery, asked);
      return async () => whole((await listWaiting(home)).map((job) => jobJson(job, home.clock)));
    },
    /** Oldest first, as the trail is linked; what a filter picks out of it newest first, as it is listed. */
    audit: (asked: Fields): ReadPart => {
      const { limit: _, after: from, ...query } = read(auditQuery(home.clock.now()), asked);
      if (Object.values(query).some((value) => value !== undefined)) {
        const listEntries = createListAuditEntries(home);
        return async (after = from) =>
          partOf(
            await listEntries({ ...query, limit: ROWS_A_PART, ...(after === undefined ? {} : { after }) }),
            auditJson,
          );
      }
      return async (after = '0') => {
        const entries = await home.auditLog.read(Number(after), ROWS_A_PART);
        const last = entries.at(-1);
        return {
          rows: entries.map(auditJson),
          next: entries.length < ROWS_A_PART || last === undefined ? null : String(last.position),
        };
      };
    },
  };
};

/** As the command line writes them: with the cursor at the end. */
const paymentsAsCsv =
  (readPart: ReadPart): ReadPart =>
  async (after) => {
    const { rows, next } = await readPart(after);
    const csv = rows.map(({ cursor, ...row }) => ({ ...paymentCsv(row as unknown as PaymentJson), cursor }));
    return { rows: csv, next };
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
  const readers = readersOf(deps);
  const isList = (name: string): name is keyof typeof readers => Object.hasOwn(readers, name);
  let underway = 0;

  return new Hono<ConsoleEnv>().use('/audit', only(home.operators, 'read_audit')).get('/:list', (context) => {
    const name = context.req.param('list');
    if (!isList(name)) return refusal(context, 404, 'not_found', 'there is no such list');
    const { format: asked, timeZone, ...filters } = context.req.query();
    const { format } = read(exportQuery, { format: asked });
    const writer = WRITERS[format](timeZone);
    const asJson = readers[name](filters);
    const readPart = format === 'csv' && name === 'payments' ? paymentsAsCsv(asJson) : asJson;
    if (underway >= LIMITS.consoleExportsMax) {
      return refusal(context, 429, 'too_many_exports', 'other exports are under way: wait until they end');
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
