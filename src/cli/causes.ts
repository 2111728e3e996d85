/** `payhook causes`: what went wrong, and how much money hangs on it. */
import type { AtRisk } from '../operate/at-risk.ts';
import {
  type CauseGroup,
  type CausesQuery,
  createListCauses,
  type StuckTotal,
  stuckJson,
} from '../operate/list-causes.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { counted } from './counted.ts';
import { NO_PAYMENT } from './job-text.ts';
import { moneyText } from './payment-text.ts';
import { formatOf, type PrintOptions, printList, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

export interface CausesOptions extends CausesQuery, PrintOptions {}

const HEADER = ['WEBHOOKS', 'PAYMENTS', 'MONEY AT RISK', 'WITHOUT AMOUNT', 'FIRST', 'LAST', 'CAUSE'];

const moneyOf = ({ money }: AtRisk): string => money.map(moneyText).join(' + ') || '-';

const atRiskText = (total: AtRisk): string =>
  total.payments === 0
    ? NO_PAYMENT
    : `at most ${moneyOf(total)} in ${counted(total.payments, 'payment')}, each counted once`;

/** `dead letters 54, waiting 5, the oldest since 2026-11-28T09:41:00.000Z`. */
const stuckText = ({ deadLettered, waiting, oldestAt }: StuckTotal): string =>
  `dead letters ${deadLettered}, waiting ${waiting}${oldestAt === null ? '' : `, the oldest since ${timeText(oldestAt)}`}`;

const cells = (group: CauseGroup): string[] => [
  String(group.webhooks),
  String(group.payments),
  moneyOf(group),
  group.withoutAmount === 0 ? '' : String(group.withoutAmount),
  timeText(group.firstAt),
  timeText(group.lastAt),
  group.cause,
];

const json = ({ webhooks, payments, money, withoutAmount }: AtRisk) => ({
  webhooks,
  payments,
  money: money.map((sum) => ({ ...sum, minor: String(sum.minor) })),
  withoutAmount,
});

const SHOWN: Shown<CauseGroup> = {
  header: HEADER,
  row: cells,
  json: (group) => ({
    cause: group.cause,
    ...json(group),
    firstAt: timeText(group.firstAt),
    lastAt: timeText(group.lastAt),
  }),
};

/** In a configuration of one mode only webhooks of that mode are looked at. */
export const listCauses = async (context: CommandContext, options: CausesOptions): Promise<ExitCode> => {
  const { config } = await loadSettings(context);
  const { mode = config.mode ?? undefined, ...query } = options;
  return withHome<ExitCode>(context, async (home) => {
    const { groups, total, scannedUntil } = await createListCauses(home)({ ...query, mode });
    const until = scannedUntil === null ? null : timeText(scannedUntil);
    const format = formatOf(options);
    if (format === 'table' && groups.length > 0) {
      context.print(`at risk: ${atRiskText(total)}`);
      if (total.withoutAmount > 0) context.print(`         and ${total.withoutAmount} without an amount`);
      context.print(`         ${stuckText(total)}`);
      context.print('');
    }
    printList(context, groups, SHOWN, options, 'nothing was given up, and nothing waits for long');
    if (format === 'json') {
      context.print(JSON.stringify({ total: stuckJson(total), scannedUntil: until }));
      return 0;
    }
    if (until !== null) context.warn(`looked back to ${until} and no further: give a shorter time (--since, --until)`);
    return 0;
  });
};
