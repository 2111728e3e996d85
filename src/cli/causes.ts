/** `payhook causes`: what went wrong, and how much money hangs on it. */
import type { AtRisk } from '../operate/at-risk.ts';
import { type CauseGroup, type CausesQuery, createListCauses } from '../operate/list-causes.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { moneyText } from './payment-text.ts';
import type { ExitCode } from './report-failure.ts';
import { tableLines } from './table.ts';

export interface CausesOptions extends CausesQuery {
  readonly json?: boolean;
}

const HEADER = ['WEBHOOKS', 'PAYMENTS', 'MONEY AT RISK', 'WITHOUT AMOUNT', 'FIRST', 'LAST', 'CAUSE'];

const moneyOf = ({ money }: AtRisk): string => money.map(moneyText).join(' + ') || '-';

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

/** In a configuration of one mode only webhooks of that mode are looked at. */
export const listCauses = async (context: CommandContext, options: CausesOptions): Promise<ExitCode> => {
  const { config } = await loadSettings(context);
  const { json: isJson = false, mode = config.mode ?? undefined, ...query } = options;
  return withHome<ExitCode>(context, async (home) => {
    const { groups, total, scannedUntil } = await createListCauses(home)({ ...query, mode });
    const until = scannedUntil === null ? null : timeText(scannedUntil);
    if (isJson) {
      for (const group of groups) {
        const { cause, firstAt, lastAt } = group;
        context.print(JSON.stringify({ cause, ...json(group), firstAt: timeText(firstAt), lastAt: timeText(lastAt) }));
      }
      context.print(JSON.stringify({ total: json(total), scannedUntil: until }));
      return 0;
    }
    if (groups.length === 0) context.print('nothing was given up, and nothing waits for long');
    else {
      context.print(`at risk: at most ${moneyOf(total)} in ${total.payments} payments, each counted once`);
      if (total.withoutAmount > 0) context.print(`         and ${total.withoutAmount} without an amount`);
      context.print('');
      for (const line of tableLines(HEADER, groups.map(cells), context.columns)) context.print(line);
    }
    if (until !== null) context.warn(`looked back to ${until} and no further: give a shorter time (--since, --until)`);
    return 0;
  });
};
