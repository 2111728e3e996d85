/** `payhook verify`: why a saved delivery verifies or not, and what to change. Asks nobody but, on AWS, for the secrets. */
import { hash as digestOf } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Verification, VerifyInput } from '../core/ports/provider.ts';
import { type DoctorReport, reportOf } from '../doctor/advice.ts';
import { diagnose } from '../doctor/diagnose.ts';
import type { Endpoint } from '../doctor/what-if.ts';
import { endpointsOf } from '../homes/endpoints-of.ts';
import { withSecretSource } from '../homes/open-secret-source.ts';
import { doctorOf } from '../providers/doctors.ts';
import type { ConfigurableProvider } from '../providers/provider-settings.ts';
import { guardEvent } from '../receive/guard-event.ts';
import { identifyEvents } from '../receive/identify.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { reportLines } from './doctor-report.ts';
import type { ExitCode } from './report-failure.ts';
import {
  isBodyAsSaved,
  providerNameOf,
  readSavedDeliveries,
  type SavedDelivery,
  type SavedDeliveryFile,
  toVerifyInput,
} from './saved-delivery.ts';

export interface VerifyOptions {
  readonly name?: string;
  readonly json?: boolean;
}

interface Judged {
  readonly name: string;
  readonly verdict: 'accept' | 'reject' | 'unavailable';
  readonly reason: string | null;
  readonly webhookIds: readonly string[];
  /** What the file says should come out; null when it says nothing. */
  readonly expected: 'accept' | 'reject' | null;
  readonly isBodyChanged: boolean;
  /** Of the doctor; null when there was nothing to explain. */
  readonly report: DoctorReport | null;
}

/** Exit 1 when a verdict is not the file's `expect` or, where there is none, when a delivery is not accepted. */
export const verifySaved = async (context: CommandContext, path: string, options: VerifyOptions): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const file = readFile(path);
  const chosen = file.vectors.filter((saved) => options.name === undefined || saved.name === options.name);
  if (chosen.length === 0) {
    throw new PayhookError(
      'usage_wrong',
      `${path} has no delivery called ${options.name}; it has ${file.vectors.map((saved) => saved.name ?? '(no name)').join(', ')}`,
    );
  }
  return withSecretSource(context.home(), { settings, clock: context.clock }, async (source) => {
    const desk: Desk = { context, settings, file, endpoints: await endpointsOf(settings, source) };
    let isAsExpected = true;
    for (const [index, saved] of chosen.entries()) {
      const judged = await judge(desk, saved, saved.name ?? `delivery ${index + 1}`);
      if (judged.verdict !== (judged.expected ?? 'accept')) isAsExpected = false;
      print(context, judged, options);
    }
    return isAsExpected ? 0 : 1;
  });
};

const readFile = (path: string): SavedDeliveryFile => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PayhookError('usage_wrong', `cannot read ${path}: ${reason}`, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new PayhookError('usage_wrong', `${path} is not JSON: a saved delivery is an object with headers and body`, {
      cause: error,
    });
  }
  return readSavedDeliveries(json);
};

/** What every delivery of the file is judged with. */
interface Desk {
  readonly context: CommandContext;
  readonly settings: Settings;
  readonly file: SavedDeliveryFile;
  readonly endpoints: readonly Endpoint[];
}

const judge = async (desk: Desk, saved: SavedDelivery, name: string): Promise<Judged> => {
  const { context, settings, file, endpoints } = desk;
  const configurable = configurableOf(settings, providerNameOf(saved, file), name);
  const { provider } = configurable;
  const endpoint = endpoints.find((one) => one.provider.name === provider.name);
  if (endpoint === undefined) {
    throw new PayhookError(
      'configuration_invalid',
      `provider ${provider.name} is not configured: add it to providers in ${settings.configPath ?? 'payhook.config.ts'}`,
    );
  }
  const fallback = { now: context.clock.now(), secrets: endpoint.secrets, settings: endpoint.settings, configurable };
  const input = toVerifyInput(saved, file, fallback);
  const verification: Verification = await provider.verify(input);
  const expected = saved.expect ?? null;
  const shared = { name, expected, isBodyChanged: isBodyAsSaved(saved) === false, report: null };
  switch (verification.outcome) {
    case 'rejected': {
      const report = expected === 'reject' ? null : await reportOn(desk, { ...endpoint, input });
      return { ...shared, verdict: 'reject', reason: verification.reason, webhookIds: [], report };
    }
    case 'unavailable':
      return { ...shared, verdict: 'unavailable', reason: verification.reason, webhookIds: [] };
    case 'verified': {
      const bodySha256 = digestOf('sha256', input.delivery.body, 'hex');
      const events = identifyEvents(provider, input.delivery, verification, bodySha256);
      const reason = events.find((event) => event.unparsable !== null)?.unparsable ?? null;
      const from = { provider, delivery: input.delivery, verification };
      const webhookIds = events.map((event, index) => guardEvent(from, event, index).key.webhookId);
      return { ...shared, verdict: 'accept', reason, webhookIds };
    }
    default:
      return verification satisfies never;
  }
};

const configurableOf = (settings: Settings, wanted: string | undefined, name: string): ConfigurableProvider => {
  const configurable = settings.known.find(({ provider }) => provider.name === wanted);
  if (configurable !== undefined) return configurable;
  const known = settings.known.map(({ provider }) => provider.name).join(', ');
  throw new PayhookError('usage_wrong', `${name} is of provider ${wanted ?? '(none given)'}: Payhook knows ${known}`);
};

/** The doctor's. A file that brings its own secrets is held against ours as well. */
const reportOn = async (
  { settings, endpoints }: Desk,
  { provider, input }: Endpoint & { readonly input: VerifyInput },
): Promise<DoctorReport> => {
  const own = new Set(input.secrets.map(({ value }) => value));
  const others = endpoints.map((one) => ({ ...one, secrets: one.secrets.filter(({ value }) => !own.has(value)) }));
  const mode = settings.config.mode;
  const outcome = await diagnose({ provider, input, others, mode }, doctorOf(provider.name));
  return reportOf(outcome, provider);
};

const print = (context: CommandContext, judged: Judged, options: VerifyOptions): void => {
  const { name, verdict, reason, webhookIds, expected, report } = judged;
  if (options.json === true) {
    context.print(
      JSON.stringify({ name, verdict, reason, webhookIds, ...(report === null ? {} : { doctor: report }) }),
    );
    return;
  }
  const wanted = expected === null ? '' : expected === verdict ? ', as expected' : `, but the file expects ${expected}`;
  const ids = webhookIds.length === 0 ? '' : `  ${webhookIds.join(' ')}`;
  const isOdd = verdict !== (expected ?? 'accept');
  context.print(`${isOdd ? '✗' : '✓'} ${name}: ${verdict}${reason === null ? '' : ` (${reason})`}${wanted}${ids}`);
  if (judged.isBodyChanged)
    context.print('    the body is not the one that was saved: an editor or converter changed it');
  for (const line of reportLines(report)) context.print(`    ${line}`);
};
