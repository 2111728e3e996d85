/** Options that several commands take, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LIMITS } from '../core/limits.ts';
import type { WebhookStatus } from '../core/status.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { ExitCode } from './report-failure.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A moment: ISO 8601 (UTC unless it says otherwise), or an age such as `90s`, `15m`, `2h`, `3d`. */
const readMoment =
  (now: EpochMs) =>
  (text: string): EpochMs => {
    const age = /^(\d{1,6})([smhd])$/.exec(text);
    if (age !== null) return now - Number(age[1]) * (UNIT_MS[age[2] ?? ''] ?? 0);
    const hasZone = /(?:Z|[+-]\d{2}:\d{2})$/.test(text);
    const at = /^\d{4}-\d{2}-\d{2}/.test(text)
      ? Date.parse(hasZone || text.length === 10 ? text : `${text}Z`)
      : Number.NaN;
    if (Number.isNaN(at))
      throw new InvalidArgumentError('Give a time such as 2026-11-23T14:00:00Z, a day, or an age such as 15m, 2h, 3d.');
    return at;
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

export interface ListOptions {
  readonly limit: number;
  readonly since?: EpochMs;
  readonly until?: EpochMs;
  readonly provider?: string;
  readonly status?: WebhookStatus;
  readonly json?: boolean;
}

const LIST_LIMIT_DEFAULT = 20;

/** Adds `--limit --since --until --provider --json`, and `--status` where it makes sense. */
export const addListOptions = (
  command: Command,
  now: EpochMs,
  { statuses }: { readonly statuses: readonly string[] | null },
): Command => {
  command
    .option('--limit <n>', 'how many at most', readCount(1, LIMITS.listLimitMax), LIST_LIMIT_DEFAULT)
    .option('--since <time>', 'received at or after: a time, a day, or an age such as 2h', readMoment(now))
    .option('--until <time>', 'received before', readMoment(now))
    .option('--provider <name>', 'only this provider');
  if (statuses !== null) command.addOption(new Option('--status <status>', 'only this status').choices(statuses));
  return addJsonOption(command);
};

export const addJsonOption = (command: Command): Command =>
  command.option('--json', 'one JSON object a line, with stable field names');

export const readReason = (text: string): string => text.slice(0, LIMITS.lastErrorCharsMax);

/** Has the command do this when it is called. */
export type Run = (command: Command, action: (...args: never[]) => Promise<ExitCode>) => void;
