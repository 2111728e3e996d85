/** `payhook rejected`: deliveries that were not found genuine: what they are, why, and accepting them once they verify. */
import { createHttpCertificateSource } from '../adapters/http/http-certificate-source.ts';
import { checkTimes } from '../core/match-webhook.ts';
import type { Provider } from '../core/ports/provider.ts';
import type { RejectedFilter, RejectedSummary } from '../core/ports/rejected-box.ts';
import type { RetriesLeft } from '../core/retries-end.ts';
import { withSecretSource } from '../homes/open-secret-source.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { createRejectedCases, type RejectedCases } from '../homes/rejected-cases.ts';
import { rejectedCsv, rejectedJson } from '../operate/rejected-json.ts';
import { timeOrNull, timeText } from '../operate/webhook-json.ts';
import { describeAccept, MASKED_WORDS } from '../receive/describe-accept.ts';
import { actAs } from './act-as.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { reportLines } from './doctor-report.ts';
import { type PrintOptions, printPage, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';
import { fieldLines } from './table.ts';

interface Json {
  readonly json?: boolean;
}

export const listRejected = async (
  context: CommandContext,
  options: RejectedFilter & PrintOptions,
): Promise<ExitCode> => {
  checkTimes(options);
  const { rejectedKeptForMs } = await loadSettings(context);
  return withHome<ExitCode>(context, async (home) => {
    const nothing = rejectedKeptForMs === null ? NOTHING_IS_KEPT : undefined;
    printPage(context, await home.rejected.list(options), SHOWN, options, nothing);
    return 0;
  });
};

const NOTHING_IS_KEPT =
  'nothing found: rejected deliveries are not kept; set rejected.areKept in the configuration, which in mode live is off';

const HEADER = ['REJECTED', 'ID', 'REASON', 'FROM', 'BYTES', 'ACCEPTED', 'WEBHOOK'];

const rowOf = (one: RejectedSummary): readonly string[] => [
  timeText(one.rejectedAt),
  one.id,
  one.reason,
  `${one.sourceAddress}${one.isFromKnownSender ? ' (known)' : ''}`,
  String(one.bodyBytes),
  one.acceptedAt === null ? '' : timeText(one.acceptedAt),
  becameText(one),
];

/** Empty for one that is not accepted, and where what it became was not kept. */
const becameText = ({ webhookIds = [] }: RejectedSummary): string => webhookIds.join(' ');

const SHOWN: Shown<RejectedSummary> = {
  header: HEADER,
  row: rowOf,
  json: rejectedJson,
  csv: (one) => rejectedCsv(rejectedJson(one)),
};

const withCases = async (
  context: CommandContext,
  work: (cases: RejectedCases, home: OperatorHome) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  return withHome(context, (home) =>
    work(
      createRejectedCases({
        settings,
        home,
        withSecrets: (use) => withSecretSource(context.home(), { settings, clock: context.clock }, use),
        certificates: createHttpCertificateSource({}),
        onAlert: (summary) => context.warn(`payhook: ${summary}`),
      }),
      home,
    ),
  );
};

export const showRejected = (context: CommandContext, id: string, options: Json): Promise<ExitCode> =>
  withCases(context, async (cases) => {
    const { summary, provider, retries } = await cases.show(id);
    if (options.json === true) {
      const { until, count } = retries;
      context.print(JSON.stringify({ ...rejectedJson(summary), retries: { until: timeOrNull(until), count } }));
    } else
      for (const line of fieldLines([...fieldsOf(summary), ['tries', triesText(provider, retries)]]))
        context.print(line);
    return 0;
  });

const fieldsOf = (one: RejectedSummary): readonly (readonly [string, string])[] => [
  ['rejected', one.id],
  ['provider', one.provider],
  ['came', timeText(one.rejectedAt)],
  ['reason', one.reason],
  ['from', `${one.sourceAddress}${one.isFromKnownSender ? ', a known sender' : ''}`],
  ['body', `${one.bodyBytes} bytes, sealed${one.cardDataCount > 0 ? `, ${one.cardDataCount} card values masked` : ''}`],
  ['trace', one.traceId],
  ['kept until', timeText(one.expiresAt)],
  ['accepted', one.acceptedAt === null ? 'no' : timeText(one.acceptedAt)],
  ...(becameText(one) === '' ? [] : [['webhook', becameText(one)] as const]),
];

const triesText = ({ title, retrySchedule }: Provider, { until, count }: RetriesLeft): string => {
  if (until === null) return `${title} does not tell until when it tries: ${retrySchedule.source}`;
  const more = count === null ? '' : `; ${count} more`;
  return `${title} tries until ${timeText(until)}${more}`;
};

/** Exit 0 when it verifies now, as of the time at which it came. */
export const verifyRejected = (context: CommandContext, id: string, options: Json): Promise<ExitCode> =>
  withCases(context, async (cases) => {
    const { outcome, reason } = await cases.verify(id);
    if (options.json === true) context.print(JSON.stringify({ id, outcome, reason }));
    else context.print(`${id} ${outcome}${reason === null ? '' : ` (${reason})`}`);
    return reason === null ? 0 : 1;
  });

/** Exit 0 when it is genuine by now. */
export const diagnoseRejected = (context: CommandContext, id: string, options: Json): Promise<ExitCode> =>
  withCases(context, async (cases) => {
    const { isMasked, ...report } = await cases.diagnose(id);
    if (options.json === true) context.print(JSON.stringify({ id, ...report }));
    else {
      for (const line of reportLines(report)) context.print(line);
      if (isMasked) context.print(MASKED_WORDS);
      if (report.outcome === 'genuine') context.print(`→ payhook rejected accept ${id} --reason <why>`);
    }
    return report.outcome === 'genuine' ? 0 : 1;
  });

/** Exit 0 when it is stored now, or was before. */
export const acceptRejected = (
  context: CommandContext,
  id: string,
  options: Json & { readonly reason: string },
): Promise<ExitCode> =>
  withCases(context, async (cases, home) => {
    const operator = await actAs(context, home.operators, 'put_back');
    const outcome = await cases.accept(id, operator, options.reason);
    const { isDone, text } = describeAccept(outcome);
    context.print(options.json === true ? JSON.stringify({ id, ...outcome }) : `${id} ${text}`);
    return isDone ? 0 : 1;
  });
