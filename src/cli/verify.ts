/** `payhook verify`: why a saved delivery verifies or not. Reads files, never the network. */
import { hash as digestOf } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Verification } from '../core/ports/provider.ts';
import { guardEvent } from '../receive/guard-event.ts';
import { identifyEvents } from '../receive/identify.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
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
  let isAsExpected = true;
  for (const [index, saved] of chosen.entries()) {
    const judged = await judge(context, settings, file, saved, saved.name ?? `delivery ${index + 1}`);
    if (judged.verdict !== (judged.expected ?? 'accept')) isAsExpected = false;
    print(context, judged, options);
  }
  return isAsExpected ? 0 : 1;
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

const judge = async (
  context: CommandContext,
  settings: Settings,
  file: SavedDeliveryFile,
  saved: SavedDelivery,
  name: string,
): Promise<Judged> => {
  const providerName = providerNameOf(saved, file);
  const configurable = settings.known.find(({ provider: { name: known } }) => known === providerName);
  if (configurable === undefined) {
    const known = settings.known.map(({ provider: { name: each } }) => each).join(', ');
    throw new PayhookError(
      'usage_wrong',
      `${name} is of provider ${providerName ?? '(none given)'}: Payhook knows ${known}`,
    );
  }
  const { provider } = configurable;
  const providerSettings = settings.providerSettings.get(provider.name);
  if (providerSettings === undefined) {
    throw new PayhookError(
      'configuration_invalid',
      `provider ${provider.name} is not configured: add it to providers in ${settings.configPath ?? 'payhook.config.ts'}`,
    );
  }
  const configured = settings.secrets.get(provider.name) ?? [];
  const secrets = configured.map((value, index) => ({
    id: `${provider.secretVariable}#${index + 1}`,
    value,
  }));
  const input = toVerifyInput(saved, file, {
    now: context.clock.now(),
    secrets,
    settings: providerSettings,
    configurable,
  });
  const verification: Verification = await provider.verify(input);
  const shared = { name, expected: saved.expect ?? null, isBodyChanged: isBodyAsSaved(saved) === false };
  switch (verification.outcome) {
    case 'rejected':
      return { ...shared, verdict: 'reject', reason: verification.reason, webhookIds: [] };
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

const print = (context: CommandContext, judged: Judged, options: VerifyOptions): void => {
  const { name, verdict, reason, webhookIds, expected } = judged;
  if (options.json === true) {
    context.print(JSON.stringify({ name, verdict, reason, webhookIds }));
    return;
  }
  const wanted = expected === null ? '' : expected === verdict ? ', as expected' : `, but the file expects ${expected}`;
  const ids = webhookIds.length === 0 ? '' : `  ${webhookIds.join(' ')}`;
  const isOdd = verdict !== (expected ?? 'accept');
  context.print(`${isOdd ? '✗' : '✓'} ${name}: ${verdict}${reason === null ? '' : ` (${reason})`}${wanted}${ids}`);
  if (judged.isBodyChanged)
    context.print('    the body is not the one that was saved: an editor or converter changed it');
};
