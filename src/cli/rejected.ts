/** `payhook rejected`: deliveries that were not found genuine: what they are, why, and accepting them once they verify. */
import { createHttpCertificateSource } from '../adapters/http/http-certificate-source.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import { checkTimes } from '../core/match-webhook.ts';
import type { ConfiguredProvider, Delivery, Provider } from '../core/ports/provider.ts';
import {
  type RejectedBox,
  type RejectedDelivery,
  type RejectedFilter,
  type RejectedSummary,
  rejectedKey,
} from '../core/ports/rejected-box.ts';
import type { SecretSource } from '../core/ports/secret-source.ts';
import { retriesLeft } from '../core/retries-end.ts';
import type { EpochMs } from '../core/webhook.ts';
import { type DoctorReport, reportOf } from '../doctor/advice.ts';
import { diagnose } from '../doctor/diagnose.ts';
import { withSecretSource } from '../homes/open-secret-source.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { doctorOf } from '../providers/doctors.ts';
import { type AcceptOutcome, createAcceptRejected } from '../receive/accept-rejected.ts';
import { unpackDelivery } from '../receive/rejected-payload.ts';
import { actAs } from './act-as.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { endpointsOf, reportLines } from './doctor-report.ts';
import { type PrintOptions, printPage, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';
import { fieldLines } from './table.ts';

interface Json {
  readonly json?: boolean;
}

const timeText = (at: EpochMs): string => new Date(at).toISOString();

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

const HEADER = ['REJECTED', 'ID', 'REASON', 'FROM', 'BYTES', 'ACCEPTED'];

const rowOf = (one: RejectedSummary): readonly string[] => [
  timeText(one.rejectedAt),
  one.id,
  one.reason,
  `${one.sourceAddress}${one.isFromKnownSender ? ' (known)' : ''}`,
  String(one.bodyBytes),
  one.acceptedAt === null ? '' : timeText(one.acceptedAt),
];

const SHOWN: Shown<RejectedSummary> = { header: HEADER, row: rowOf, json: (one) => ({ ...one }) };

/** One of the box, opened, with all that it is judged with. */
interface Case {
  readonly context: CommandContext;
  readonly settings: Settings;
  readonly home: OperatorHome;
  readonly box: RejectedBox;
  readonly source: SecretSource;
  readonly rejected: RejectedDelivery;
  readonly configured: ConfiguredProvider;
}

const withCase = async (
  context: CommandContext,
  id: string,
  work: (one: Case) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  return withHome(context, async (home) => {
    const { rejected: box } = home;
    const rejected = await box.get(id);
    if (rejected === undefined) {
      throw new PayhookError(
        'not_found',
        `there is no rejected delivery ${id}: another one may have taken its place, or its time was over`,
      );
    }
    const configured = providersOf(settings).get(rejected.provider);
    if (configured === undefined) {
      throw new PayhookError('configuration_invalid', `provider ${rejected.provider} is not configured any more`);
    }
    return withSecretSource(context.home(), { settings, clock: context.clock }, (source) =>
      work({ context, settings, home, box, source, rejected, configured }),
    );
  });
};

const providersOf = ({ known, providerSettings }: Settings): ReadonlyMap<string, ConfiguredProvider> =>
  new Map(
    known
      .filter(({ provider: { name } }) => providerSettings.has(name))
      .map(({ provider }) => [provider.name, { provider, settings: providerSettings.get(provider.name) }]),
  );

const deliveryOf = async ({ home, rejected }: Case): Promise<Delivery> =>
  unpackDelivery(await home.seal.open(rejected.payload, rejectedKey(rejected)));

export const showRejected = (context: CommandContext, id: string, options: Json): Promise<ExitCode> =>
  withCase(context, id, async (one) => {
    const { payload: _, ...summary } = one.rejected;
    const { provider } = one.configured;
    const firstTriedAt = provider.firstTriedAt?.(await deliveryOf(one)) ?? summary.rejectedAt;
    const retries = retriesLeft(provider.retrySchedule, firstTriedAt, context.clock.now());
    if (options.json === true) context.print(JSON.stringify({ ...summary, retries }));
    else
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
];

const triesText = ({ title, retrySchedule }: Provider, { until, count }: ReturnType<typeof retriesLeft>): string => {
  if (until === null) return `${title} does not tell until when it tries: ${retrySchedule.source}`;
  const more = count === null ? '' : `; ${count} more`;
  return `${title} tries until ${timeText(until)}${more}`;
};

/** Exit 0 when it verifies now, as of the time at which it came. */
export const verifyRejected = (context: CommandContext, id: string, options: Json): Promise<ExitCode> =>
  withCase(context, id, async (one) => {
    const { provider, input } = await judgedBy(one);
    const verification = await provider.verify(input);
    const reason = verification.outcome === 'verified' ? null : verification.reason;
    if (options.json === true) context.print(JSON.stringify({ id, outcome: verification.outcome, reason }));
    else context.print(`${id} ${verification.outcome}${reason === null ? '' : ` (${reason})`}`);
    return reason === null ? 0 : 1;
  });

const judgedBy = async (one: Case) => {
  const { settings, source, rejected, configured } = one;
  const { provider } = configured;
  const endpoints = await endpointsOf(settings, source);
  const delivery = await deliveryOf(one);
  const input = {
    delivery: { ...delivery, publicUrl: provider.configuredUrl?.(configured.settings) ?? delivery.publicUrl },
    secrets: endpoints.find((endpoint) => endpoint.provider.name === provider.name)?.secrets ?? [],
    settings: configured.settings,
    now: rejected.rejectedAt,
    certificates: createHttpCertificateSource({}),
  };
  return { provider, input, others: endpoints.filter((endpoint) => endpoint.provider.name !== provider.name) };
};

const reportOn = async (one: Case): Promise<DoctorReport> => {
  const judged = await judgedBy(one);
  const { provider } = judged;
  const outcome = await diagnose({ ...judged, mode: one.settings.config.mode }, doctorOf(provider.name));
  return reportOf(outcome, provider);
};

/** Exit 0 when it is genuine by now. */
export const diagnoseRejected = (context: CommandContext, id: string, options: Json): Promise<ExitCode> =>
  withCase(context, id, async (one) => {
    const report = await reportOn(one);
    const { cardDataCount } = one.rejected;
    if (options.json === true) context.print(JSON.stringify({ id, ...report }));
    else {
      for (const line of reportLines(report)) context.print(line);
      if (cardDataCount > 0) context.print(MASKED);
      if (report.outcome === 'genuine') context.print(`→ payhook rejected accept ${id} --reason <why>`);
    }
    return report.outcome === 'genuine' ? 0 : 1;
  });

const MASKED = 'Card data was masked in it before it was kept: the bytes are no longer those that were signed.';

/** Exit 0 when it is stored now, or was before. */
export const acceptRejected = (
  context: CommandContext,
  id: string,
  options: Json & { readonly reason: string },
): Promise<ExitCode> =>
  withCase(context, id, async ({ settings, home, box, source, rejected }) => {
    const operator = await actAs(context, home.operators, 'put_back');
    const accept = createAcceptRejected({
      ...home,
      box,
      providers: providersOf(settings),
      secrets: source,
      certificates: createHttpCertificateSource({}),
      alerts: { raise: ({ summary }) => context.warn(`payhook: ${summary}`) },
      retentionMs: settings.retentionMs,
    });
    const outcome = await accept(rejected, operator, options.reason);
    const { isDone, text } = describe(outcome);
    context.print(options.json === true ? JSON.stringify({ id, ...outcome }) : `${id} ${text}`);
    return isDone ? 0 : 1;
  });

const describe = (outcome: AcceptOutcome): { readonly isDone: boolean; readonly text: string } => {
  switch (outcome.outcome) {
    case 'accepted':
    case 'duplicate': {
      const ids = outcome.events.map(({ webhookId }) => webhookId).join(' ');
      const what = outcome.outcome === 'accepted' ? 'accepted' : 'was stored before';
      return { isDone: true, text: `${what}: ${ids}` };
    }
    case 'rejected':
      return { isDone: false, text: `does not verify (${outcome.reason}): payhook rejected doctor says why` };
    case 'unavailable':
      return { isDone: false, text: `cannot be verified now (${outcome.reason}): try again` };
    case 'masked':
      return { isDone: false, text: `cannot be verified: ${MASKED}` };
    case 'too_large':
      return { isDone: false, text: 'is larger than what can be stored' };
    case 'provider_unknown':
      return { isDone: false, text: 'is of a provider that has no secret now' };
    default:
      return outcome satisfies never;
  }
};
