/** `payhook reconcile payments`: what the providers hold, against the payments here, for whoever keeps the books. */
import { setTimeout as wait } from 'node:timers/promises';
import { createCallApi } from '../adapters/http/call-api.ts';
import type { Settings } from '../config/load-config.ts';
import { objectSourcesOf } from '../config/object-sources.ts';
import { asPayhookError } from '../core/errors.ts';
import type { ConfiguredProvider } from '../core/ports/provider.ts';
import type { ObjectSource } from '../core/ports/provider-objects.ts';
import { DAY_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { timeText } from '../operate/webhook-json.ts';
import { createPaymentMapping } from '../payments/map-webhook.ts';
import { formatMoney, type Money } from '../payments/money.ts';
import { MAPPINGS } from '../providers/mappings.ts';
import { createCheckObjects } from '../reconcile/objects/check-objects.ts';
import {
  amountOff,
  type CheckedPayments,
  type ListEnd,
  type ListReport,
  moneyOff,
  type ObjectDifference,
} from '../reconcile/objects/object-report.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { moneyText } from './payment-text.ts';
import { type PrintOptions, printList, type Shown } from './print-list.ts';
import { providersOf, sourcesOf } from './reconcile-sources.ts';
import type { ExitCode } from './report-failure.ts';

export interface ReconcilePaymentsOptions extends PrintOptions {
  readonly provider?: string;
  readonly since?: EpochMs;
  readonly anew?: boolean;
}

const SINCE_MS = 30 * DAY_MS;

export const reconcilePayments = async (
  context: CommandContext,
  options: ReconcilePaymentsOptions,
): Promise<ExitCode> => {
  const check = checkPaymentsOf(await loadSettings(context), context, options.provider);
  return withHome<ExitCode>(context, async (home) => {
    const { reports, summary } = await check(home, { ...options, tell: context.warn, ...progressOf(context) });
    const differences = reports.flatMap((report) => report.differences);
    printList(context, differences, SHOWN, options, 'nothing differs');
    // Beside the table or the CSV, which may go on into another program.
    for (const line of summary) context.warn(line);
    return reports.every(({ end, differing }) => end.outcome === 'complete' && differing === 0) ? 0 : 1;
  });
};

interface CheckAsked extends Pick<ReconcilePaymentsOptions, 'anew'> {
  readonly since?: EpochMs | undefined;
  /** A sentence for whoever waits. */
  readonly tell: (sentence: string) => void;
  readonly onPage?: (report: ListReport) => void;
}

/** For the command and the console. Throws one sentence where no provider can be asked. */
export const checkPaymentsOf = (settings: Settings, context: CommandContext, provider: string | undefined) => {
  const sources = objectSources(settings, context, provider);
  const providers = providersOf(settings);
  const { clock } = context;
  return async (home: OperatorHome, { tell, onPage, anew = false, since }: CheckAsked): Promise<CheckedPayments> => {
    const check = createCheckObjects({
      ...home,
      mapping: createPaymentMapping(MAPPINGS, (name) => providers.get(name)?.settings),
      now: () => clock.now(),
      retentionMs: settings.retentionMs,
      wait: async (ms) => {
        tell(`the provider wants us to wait: ${Math.ceil(ms / 1000)} s`);
        await wait(ms);
      },
      onNotKept: (error) => tell(`how far it comes cannot be kept (${asPayhookError(error).code})`),
    });
    const reports: ListReport[] = [];
    for (const source of sources) {
      const configured = providers.get(source.provider) as ConfiguredProvider;
      const onResumed = (at: EpochMs): void =>
        tell(
          `${source.id}: goes on with the check of ${timeText(at)}, and names what it had found; --anew begins again`,
        );
      const asked = { configured, source, since: since ?? clock.now() - SINCE_MS, isAnew: anew, onResumed };
      reports.push(...(await check({ ...asked, ...(onPage === undefined ? {} : { onPage }) })));
    }
    return { reports, summary: [...sources.map(kindsText), ...reports.map(reportText), ...moneyOff(reports)] };
  };
};

/** Throws one sentence that says which variable would have the credential. */
const objectSources = (
  settings: Settings,
  context: CommandContext,
  provider: string | undefined,
): readonly ObjectSource[] => {
  const { clock } = context;
  const asked = new Set(sourcesOf(settings, context, provider).map((source) => source.provider));
  return objectSourcesOf(settings, { call: createCallApi({ clock }), clock }).filter((one) => asked.has(one.provider));
};

const progressOf = ({ isTerminal, warn }: CommandContext) =>
  isTerminal
    ? {
        onPage: ({ source, list, listed, differing }: ListReport): void =>
          warn(`${source} ${list}: ${listed} listed, ${differing} differ`),
      }
    : {};

/** Which kinds were compared, and which cannot be. */
const kindsText = ({ id, kinds }: ObjectSource): string => {
  const all = Object.entries(kinds);
  const listed = all.filter(([, why]) => why === null).map(([kind]) => `${kind}s`);
  const others = all.flatMap(([kind, why]) => (why === null ? [] : [`; ${kind}s not (${why})`]));
  return `${id} compares ${listed.join(', ')}${others.join('')}`;
};

const endText = (end: ListEnd): string => {
  switch (end.outcome) {
    case 'complete':
      return '';
    case 'too_many_pages':
      return '; not all of it was asked for, it is too long: ask for a shorter time';
    case 'rate_limited':
      return '; not complete, the provider limits us for longer than this waits: run it again later, or for a shorter time';
    case 'credential_refused':
      return `; the provider refuses the credential (${end.reason}): docs/reconcile.md says which rights it needs for this`;
    case 'unavailable':
      return `; not complete, the provider could not be asked (${end.reason}): run it again`;
    default:
      return end satisfies never;
  }
};

const reportText = ({ source, list, span, listed, differing, notCompared, differences, end }: ListReport): string => {
  const left = notCompared === 0 ? '' : `, ${notCompared} not compared`;
  const named = differences.length === differing ? '' : `, of which ${differences.length} are named`;
  const counts = `${listed} looked at, ${differing} differ${named}${left}`;
  return `${source} ${list}, ${timeText(span.since)} to ${timeText(span.until)}: ${counts}${endText(end)}`;
};

const HEADER = ['MADE', 'WHAT', 'DIFFERS IN', 'AT THE PROVIDER', 'HERE', 'OBJECT', 'PAYMENT'];

const DIFFERENCES: Readonly<Record<ObjectDifference['difference'], string>> = {
  not_here: 'not here',
  not_listed: 'not there',
  state: 'state',
  amount: 'amount',
};

const moneyOrNone = (money: Money | null): string => (money === null ? '' : moneyText(money));

const saidText = (said: ObjectDifference['listed']): string =>
  said === null
    ? '-'
    : [said.state.replaceAll('_', ' '), moneyOrNone(said.amount)].filter((text) => text !== '').join(' ');

/** An amount without its currency, which has a column of its own: programs calculate with it. */
const decimalOf = (money: Money | null): string | null =>
  money === null ? null : (formatMoney(money).split(' ')[0] ?? null);

const SHOWN: Shown<ObjectDifference> = {
  header: HEADER,
  row: ({ at, kind, difference, listed, here, objectId, paymentId }) => [
    at === null ? '-' : timeText(at),
    kind,
    DIFFERENCES[difference],
    saidText(listed),
    saidText(here),
    objectId,
    paymentId ?? '-',
  ],
  json: (one) => {
    const { listed, here, at } = one;
    return {
      provider: one.provider,
      source: one.source,
      list: one.list,
      kind: one.kind,
      objectId: one.objectId,
      paymentId: one.paymentId,
      createdAt: at === null ? null : timeText(at),
      difference: one.difference,
      listedState: listed?.state ?? null,
      storedState: here?.state ?? null,
      listedAmount: decimalOf(listed?.amount ?? null),
      listedCurrency: listed?.amount?.currency ?? null,
      storedAmount: decimalOf(here?.amount ?? null),
      storedCurrency: here?.amount?.currency ?? null,
      amountOff: decimalOf(amountOff(one)),
    };
  },
};
