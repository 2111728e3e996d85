/** `payhook reconcile status`: how far each list of events was checked, and what was found since the beginning. */
import type { StoredCheckpoint } from '../core/ports/reconcile-checkpoints.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { type PrintOptions, printList, type Shown } from './print-list.ts';
import { sourcesOf } from './reconcile-sources.ts';
import type { ExitCode } from './report-failure.ts';

const HEADER = [
  'LIST',
  'CHECKED UNTIL',
  'LAST RUN',
  'ENDED AS',
  'BY ITSELF',
  'LISTED',
  'MISSING',
  'RECOVERED',
  'DIFFERENT',
  'GAP',
];

/** Asks no provider. */
export const reconcileStatus = async (
  context: CommandContext,
  options: PrintOptions & { readonly provider?: string },
): Promise<ExitCode> => {
  const sources = sourcesOf(await loadSettings(context), context, options.provider);
  return withHome<ExitCode>(context, async ({ checkpoints }) => {
    const all = await Promise.all(
      sources.map(async ({ id, provider }) => ({ id, provider, at: await checkpoints.get(id) })),
    );
    const shown: Shown<(typeof all)[number]> = {
      header: HEADER,
      row: ({ id, at }) => row(id, at),
      json: ({ id, provider, at }) => statusJson(id, provider, at),
    };
    printList(context, all, shown, options);
    return 0;
  });
};

const gapText = ({ gap }: StoredCheckpoint): string =>
  gap === null ? '' : `${timeText(gap.since)} to ${timeText(gap.until)}`;

/** Written with each page, because nobody may be left to write how it ended: it goes on, or was cut off. */
const endedText = ({ lastOutcome }: StoredCheckpoint): string =>
  lastOutcome === 'under_way' ? 'not ended' : lastOutcome;

const row = (id: string, at: StoredCheckpoint | undefined): readonly string[] =>
  at === undefined
    ? [id, 'never', '', '', '', '', '', '', '', '']
    : [
        id,
        timeText(at.checkedUntil),
        timeText(at.lastRunAt),
        endedText(at),
        at.lastRound?.outcome ?? 'never',
        ...[at.listed, at.missing, at.recovered, at.differing].map(String),
        gapText(at),
      ];

const statusJson = (source: string, provider: string, at: StoredCheckpoint | undefined): Record<string, unknown> => ({
  source,
  provider,
  checkedUntil: at === undefined ? null : timeText(at.checkedUntil),
  lastRunAt: at === undefined ? null : timeText(at.lastRunAt),
  lastOutcome: at?.lastOutcome ?? null,
  lastRound: at?.lastRound === undefined ? null : { ...at.lastRound, at: timeText(at.lastRound.at) },
  isUnderWay: (at?.window ?? null) !== null,
  restsUntil: at?.restsUntil == null ? null : timeText(at.restsUntil),
  listed: at?.listed ?? 0,
  missing: at?.missing ?? 0,
  recovered: at?.recovered ?? 0,
  differing: at?.differing ?? 0,
  gap: at?.gap == null ? null : { since: timeText(at.gap.since), until: timeText(at.gap.until) },
});
