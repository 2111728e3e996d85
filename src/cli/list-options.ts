/** Options that several commands take, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { HandlerEffect } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import { screenedText } from '../core/screen-text.ts';
import type { WebhookStatus } from '../core/status.ts';
import type { EpochMs, Mode } from '../core/webhook.ts';
import { DESTINATION_STATES, type DestinationState } from '../destinations/destination-queue.ts';
import { DECIMAL_FORMS, type Decimal, readDecimal } from '../operate/read-decimal.ts';
import { momentOf } from '../operate/read-moment.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { FORMATS, type PrintOptions } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

/** A moment: ISO 8601 (UTC unless it says otherwise), or an age such as `90s`, `15m`, `2h`, `3d`. */
export const readMoment =
  (now: EpochMs) =>
  (text: string): EpochMs => {
    const at = momentOf(text, now);
    if (at !== null) return at;
    throw new InvalidArgumentError('Give a time such as 2026-11-23T14:00:00Z, a day, or an age such as 15m, 2h, 3d.');
  };

/** The same, for what has happened: nothing is newer than now, and an empty list would look like an answer. */
export const readPast =
  (now: EpochMs) =>
  (text: string): EpochMs => {
    const at = readMoment(now)(text);
    if (at <= now) return at;
    throw new InvalidArgumentError(
      `${new Date(at).toISOString()} is still to come: give a time in the past, or an age such as 2h.`,
    );
  };

/** An id or a name. An empty one, such as a variable of the shell that is not set, would find nothing. */
export const readName = (text: string): string => {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty: leave the option out for all of them.');
};

/** An amount in a currency that another option names. */
export const readAmount = (text: string): Decimal => {
  const read = readDecimal(text);
  if (read !== null) return read;
  throw new InvalidArgumentError(`Give ${DECIMAL_FORMS}.`);
};

/** A whole number within bounds, for an option's value. */
export const readCount =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    return value;
  };

const MODES = ['live', 'test', 'unknown'] as const satisfies readonly Mode[];

export interface ListOptions extends PrintOptions {
  readonly limit: number;
  readonly after?: string;
  readonly since?: EpochMs;
  readonly until?: EpochMs;
  readonly provider?: string;
  readonly account?: string;
  readonly mode?: Mode;
}

/** What a list of webhooks can be asked besides. */
export interface WebhookListOptions extends ListOptions, WhichOptions {
  readonly status?: readonly WebhookStatus[];
  readonly destination?: { readonly name: string; readonly state?: DestinationState };
  readonly secret?: string;
  readonly origin?: 'delivery' | 'reconciliation';
  readonly cardData?: 'found' | 'none';
}

interface WhichOptions {
  readonly eventType?: string;
  readonly object?: string;
  readonly payment?: string;
  readonly cause?: string;
  readonly handler?: { readonly name: string; readonly outcome?: HandlerEffect['outcome'] };
}

/** What `addJobFilterOptions` reads. */
export interface JobFilterOptions
  extends WhichOptions,
    Pick<ListOptions, 'since' | 'until' | 'provider' | 'account' | 'mode'> {
  readonly id?: readonly string[];
}

const LIST_LIMIT_DEFAULT = 20;

/** Several values, with commas between them or with the option given again. Spelt wrongly they would find nothing. */
export const readSeveral =
  (what: string, known: readonly string[]) =>
  (text: string, before: readonly string[] = []): readonly string[] => {
    const values = text.split(',').map((value) => value.trim());
    const unknown = values.find((value) => !known.includes(value));
    if (unknown === undefined) return [...new Set([...before, ...values])];
    throw new InvalidArgumentError(`${unknown} is no ${what}: there are ${known.join(', ')}.`);
  };

export const providerOption = (): Option =>
  new Option('--provider <name>', 'only this provider').choices(PROVIDERS.map(({ name }) => name));

/** Whose something is. */
export const addOwnerOptions = (command: Command): Command =>
  addModeOption(
    command.addOption(providerOption()).option('--account <id>', 'only this account of the provider', readName),
  );

export const addModeOption = (command: Command): Command =>
  command.addOption(new Option('--mode <mode>', 'only this mode').choices(MODES));

/** A part of a list, and how to go on from there. */
export const addPageOptions = (command: Command, now: EpochMs, at: string, limit = LIST_LIMIT_DEFAULT): Command =>
  addTimeOptions(
    command.option('--limit <n>', 'how many at most', readCount(1, LIMITS.listLimitMax), limit),
    now,
    at,
  ).option(
    '--after <cursor>',
    'go on behind this one, with the same filters: the cursor of a row, or the one a list ended with',
  );

/** For a list of what is of no account and of no mode. */
export const addPlainListOptions = (command: Command, now: EpochMs, at: string, limit?: number): Command =>
  addFormatOptions(addPageOptions(command, now, at, limit));

export const addTimeOptions = (command: Command, now: EpochMs, at: string): Command =>
  command
    .option('--since <time>', `${at} at or after: a time, a day, or an age such as 2h`, readPast(now))
    .option('--until <time>', `${at} before`, readMoment(now));

const formatOption = (): Option => new Option('--format <format>', 'how the list is written').choices(FORMATS);

export const addFormatOptions = (command: Command): Command =>
  addJsonOption(command.addOption(formatOption().default('table')));

/** For what is only a list where a format is asked for. */
export const addListFormatOptions = (command: Command): Command => addJsonOption(command.addOption(formatOption()));

/** What every list takes; `statuses` where it makes sense. */
const addListOptions = (
  command: Command,
  now: EpochMs,
  { statuses, at }: { readonly statuses: readonly string[] | null; readonly at: string },
): Command => {
  addOwnerOptions(addPageOptions(command, now, at));
  if (statuses !== null) {
    const text = `only these, with commas between them: ${statuses.join(', ')}`;
    command.option('--status <statuses>', text, readSeveral('status', statuses));
  }
  return addFormatOptions(command);
};

const HANDLER_OUTCOMES = [
  'done',
  'ignored',
  'failed',
  'given_up',
] as const satisfies readonly HandlerEffect['outcome'][];

/** A name, or a name with `=` and one of `known`. */
const readNamed =
  <Known extends string>(what: string, known: readonly Known[]) =>
  (text: string): { readonly name: string; readonly asked?: Known } => {
    const [, name = readName(text), asked] = /^(.+)=([a-z_]+)$/.exec(text) ?? [];
    if (asked === undefined) return { name };
    const found = known.find((one) => one === asked);
    if (found !== undefined) return { name, asked: found };
    throw new InvalidArgumentError(`${asked} is no ${what}: there are ${known.join(', ')}.`);
  };

const readHandler = (text: string): WebhookListOptions['handler'] => {
  const { name, asked: outcome } = readNamed('outcome of a handler', HANDLER_OUTCOMES)(text);
  return outcome === undefined ? { name } : { name, outcome };
};

const readDestination = (text: string): WebhookListOptions['destination'] => {
  const { name, asked: state } = readNamed('state of an entry', DESTINATION_STATES)(text);
  return state === undefined ? { name } : { name, state };
};

/** The same for lists of webhooks. */
export const addWebhookListOptions = (
  command: Command,
  now: EpochMs,
  { statuses }: { readonly statuses: readonly string[] | null },
): Command =>
  addWhichOptions(addListOptions(command, now, { statuses, at: 'received' }))
    .option(
      '--destination <name[=state]>',
      `only those with an event for this destination, or where one is ${DESTINATION_STATES.join(', ')}`,
      readDestination,
    )
    .option(
      '--secret <id>',
      'only those that this signing secret verified: payhook secrets status lists their ids',
      readName,
    )
    .addOption(
      new Option('--origin <origin>', 'only those that a delivery brought, or that reconciling found').choices([
        'delivery',
        'reconciliation',
      ]),
    )
    .addOption(
      new Option('--card-data <what>', 'only those in which card data was masked, or was not').choices([
        'found',
        'none',
      ]),
    );

/** Which webhooks a job is about. */
export const addJobFilterOptions = (command: Command, now: EpochMs): Command =>
  addWhichOptions(addOwnerOptions(addTimeOptions(command, now, 'received'))).option(
    '--id <webhook id>',
    `only these, each with an option of its own; ${LIMITS.jobIdsMax} at most`,
    readIds,
  );

const readIds = (id: string, before: readonly string[] = []): readonly string[] => {
  if (before.length < LIMITS.jobIdsMax) return [...before, id];
  throw new InvalidArgumentError(
    `Name ${LIMITS.jobIdsMax} webhooks at most; more have something in common to filter by.`,
  );
};

/** What a webhook is about. */
export const addSubjectOptions = (command: Command): Command =>
  command
    .option('--event-type <type>', 'only this type of the provider, or all that begin alike: charge.*')
    .option('--object <id>', 'only about this object of the provider', readName);

const addWhichOptions = (command: Command): Command =>
  addSubjectOptions(command)
    .option('--payment <id>', 'only those of this payment, by any of its ids', readName)
    .option(
      '--handler <name[=outcome]>',
      `only those that this handler was called with, or where it is ${HANDLER_OUTCOMES.join(', ')}`,
      readHandler,
    )
    .option('--cause <cause>', 'only those of this cause of payhook causes, as a whole or how it begins', readName);

export const addJsonOption = (command: Command): Command =>
  command.option('--json', 'one JSON object a line, with stable field names');

/** It stays in the trail, which nobody can take anything out of: what is typed or pasted may be a card number or a secret. */
export const readReason = (text: string): string => screenedText(text, LIMITS.lastErrorCharsMax);

/** Has the command do this when it is called. */
export type Run = (command: Command, action: (...args: never[]) => Promise<ExitCode>) => void;
