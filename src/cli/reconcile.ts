/** `payhook reconcile`: goes through what the providers list, and recovers what no delivery brought. */
import type { Settings } from '../config/load-config.ts';
import type { EventSource } from '../core/ports/provider-events.ts';
import { SECOND_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { timeText } from '../operate/webhook-json.ts';
import { MAPPINGS } from '../providers/mappings.ts';
import { catchUp } from '../reconcile/catch-up.ts';
import { createReconcile, type Reconcile } from '../reconcile/reconcile.ts';
import type { RunReport } from '../reconcile/reconcile-source.ts';
import type { RunEnd } from '../reconcile/run-end.ts';
import { eventText, moneyOf, type Tally } from '../reconcile/tally.ts';
import { actAs } from './act-as.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { createProgressBar } from './progress-bar.ts';
import { providersOf, sourcesOf } from './reconcile-sources.ts';
import type { ExitCode } from './report-failure.ts';
import { tableLines } from './table.ts';

export interface ReconcileOptions {
  readonly provider?: string;
  readonly since?: EpochMs;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const reconcile = async (context: CommandContext, options: ReconcileOptions): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const sources = sourcesOf(settings, context, options.provider);
  return withHome<ExitCode>(context, async (home) => {
    const isDryRun = options.dryRun === true;
    const operator = isDryRun ? home.operators.user : await actAs(context, home.operators, 'put_back');
    const progress = createProgressBar<Pick<Tally, 'listed' | 'missing'>>(
      context.isTerminal && options.json !== true,
      '{listed} listed, {missing} missing',
    );
    const reports = await runAll(sources, reconcileOf(settings, context, home), (source) => ({
      source,
      recoveredBy: operator,
      isDryRun,
      since: options.since ?? null,
      onPage: ({ listed, missing }, share) => progress.show(source.id, share, { listed, missing }),
    })).finally(progress.stop);
    for (const report of reports) {
      if (options.json === true) context.print(JSON.stringify(reportJson(report)));
      else for (const line of reportLines(report, context.columns)) context.print(line);
    }
    return reports.every(({ end }) => isDone(end)) ? 0 : 1;
  });
};

/** One list after the other. */
const runAll = async (
  sources: readonly EventSource[],
  run: Reconcile,
  inputOf: (source: EventSource) => Parameters<Reconcile>[0],
): Promise<readonly RunReport[]> => {
  const reports: RunReport[] = [];
  for (const source of sources) {
    reports.push(...(await catchUp(run, inputOf(source))));
  }
  return reports;
};

const reconcileOf = (settings: Settings, context: CommandContext, home: OperatorHome): Reconcile =>
  createReconcile({
    ...home,
    providers: providersOf(settings),
    mappings: MAPPINGS,
    eventTypes: settings.config.reconcile.eventTypes,
    alerts: { raise: ({ summary }) => context.warn(`payhook: ${summary}`) },
    // What the command prints says it all.
    logger: { info: nothing, warn: nothing, error: nothing },
    metrics: { reconciled: nothing },
    retentionMs: settings.retentionMs,
  });

const nothing = (): void => {};

const isDone = (end: RunEnd): boolean => end.outcome === 'complete' || end.outcome === 'up_to_date';

const endText = (end: RunEnd): string => {
  switch (end.outcome) {
    case 'complete':
      return 'complete';
    case 'up_to_date':
      return 'nothing to ask for yet; --since goes back';
    case 'to_be_continued':
      return 'not complete: run it again, it goes on where it is';
    case 'resting':
      return `the provider wants us to wait until ${timeText(end.until)}: run it again then, it goes on where it is`;
    case 'credential_refused':
      return `the provider refuses the credential (${end.reason}): it is wrong, expired, or may not read events`;
    case 'unavailable':
      return `the provider could not be asked (${end.reason}): run it again, it goes on where it is`;
    case 'taken_over':
      return 'another process is at the same list: payhook reconcile status says how far it is';
    default:
      return end satisfies never;
  }
};

const reportJson = ({ source, provider, isResumed, end, span, checkedUntil, clockAheadMs, gap, tally }: RunReport) => ({
  source,
  provider,
  isResumed,
  ...end,
  ...(end.outcome === 'resting' ? { until: timeText(end.until) } : {}),
  since: span === null ? null : timeText(span.since),
  spanUntil: span === null ? null : timeText(span.until),
  checkedUntil: checkedUntil === null ? null : timeText(checkedUntil),
  clockAheadSeconds: Math.round(clockAheadMs / SECOND_MS),
  gap: gap === null ? null : { since: timeText(gap.since), until: timeText(gap.until) },
  listed: tally.listed,
  missing: tally.missing,
  recovered: tally.recovered,
  differing: tally.differing,
  skipped: tally.skipped,
  money: moneyOf(tally),
  webhooks: tally.webhooks.map(({ webhookId, eventType, eventAt, events }) => ({
    webhookId,
    eventType,
    eventAt: timeText(eventAt),
    events: events.map(eventText),
  })),
  findings: tally.findings,
});

const reportLines = (report: RunReport, columns: number | undefined): readonly string[] => {
  const { source, end, span, clockAheadMs, gap, tally } = report;
  const asked = span === null ? '' : `, ${timeText(span.since)} to ${timeText(span.until)}`;
  const skipped = Object.entries(tally.skipped).map(([reason, count]) => `${count} ${reason}`);
  return [
    `${source}${asked}: ${endText(end)}`,
    ...(span === null
      ? []
      : [
          `  ${tally.listed} listed, ${tally.missing} missing, ${tally.recovered} recovered, ${tally.differing} said differently`,
        ]),
    ...(skipped.length === 0 ? [] : [`  left alone: ${skipped.join(', ')}`]),
    ...(clockAheadMs === 0
      ? []
      : [`  our clock is ${Math.round(clockAheadMs / SECOND_MS)} s ahead of the provider's: put it right`]),
    ...(gap === null ? [] : [`  nobody can ask any more for ${timeText(gap.since)} to ${timeText(gap.until)}`]),
    ...moneyOf(tally).map((money) => `  ${money}`),
    ...(tally.webhooks.length === 0 ? [] : tableLines(MISSING_HEADER, tally.webhooks.map(missingRow), columns)),
    ...(tally.findings.length === 0
      ? []
      : tableLines(
          FINDING_HEADER,
          tally.findings.map((finding) => [finding.webhookId, finding.delivered, finding.listed]),
          columns,
        )),
  ];
};

const MISSING_HEADER = ['HAPPENED', 'EVENT TYPE', 'MEANS', 'WEBHOOK'];
const FINDING_HEADER = ['WEBHOOK', 'DELIVERED', 'LISTED'];

const missingRow = ({ eventAt, eventType, events, webhookId }: Tally['webhooks'][number]): readonly string[] => [
  timeText(eventAt),
  eventType,
  events.map(eventText).join(', '),
  webhookId,
];
