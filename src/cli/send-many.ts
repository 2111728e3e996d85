/** `payhook send --count n`: many deliveries at a rate, with a progress bar at a terminal and a summary. */

import { setTimeout as pause } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import { asPayhookError } from '../core/errors.ts';
import type { SignedDelivery } from '../core/ports/provider.ts';
import type { CommandContext } from './command-context.ts';
import { type Post, postDelivery } from './post-delivery.ts';
import type { ExitCode } from './report-failure.ts';
import { fieldLines } from './table.ts';

/** Deliveries under way at once: enough to keep a server busy, few enough for its connection limit. */
const UNDERWAY_MAX = 64;

export interface SendOptions {
  readonly count: number;
  readonly rate?: number;
  readonly duplicate?: boolean;
  readonly tamper?: boolean;
  readonly url: string;
  readonly json?: boolean;
}

/** Makes one signed delivery after the other, each of a new event. */
export type MakeDelivery = () => SignedDelivery;

interface Tally {
  readonly answers: Map<string, number>;
  readonly durationsMs: number[];
  unreachable: string | undefined;
}

export interface SendManyInput {
  readonly make: MakeDelivery;
  readonly url: URL;
  readonly options: SendOptions;
}

/** Exit 0 when every delivery was answered as it should be. Stops at once when the server cannot be reached. */
export const sendMany = async (context: CommandContext, input: SendManyInput): Promise<ExitCode> => {
  const { options } = input;
  const tally: Tally = { answers: new Map(), durationsMs: [], unreachable: undefined };
  const bar =
    context.isTerminal && options.json !== true
      ? new SingleBar({ format: '{bar} {value}/{total}  {rate}/s', hideCursor: true })
      : undefined;
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  bar?.start(options.count, 0, { rate: 0 });

  let started = 0;
  const sendOne = async (): Promise<void> => {
    while (started < options.count && tally.unreachable === undefined) {
      const mine = started;
      started += 1;
      if (options.rate !== undefined) await pause(Math.max(0, (mine / options.rate) * 1000 - seconds() * 1000));
      await deliver(input, tally);
      bar?.increment(1, { rate: Math.round(tally.durationsMs.length / seconds()) });
    }
  };
  await Promise.all(Array.from({ length: Math.min(UNDERWAY_MAX, options.count) }, sendOne));
  bar?.stop();
  if (tally.unreachable !== undefined) context.warn(`payhook: ${tally.unreachable}`);
  report(context, tally, seconds(), options.json === true);
  const good = options.tamper === true ? ['401 signature_verification_failed'] : ['200 accepted', '200 duplicate'];
  return tally.unreachable === undefined && [...tally.answers.keys()].every((answer) => good.includes(answer)) ? 0 : 1;
};

const deliver = async ({ make, url, options }: SendManyInput, tally: Tally): Promise<void> => {
  const delivery = make();
  try {
    note(tally, await postDelivery(url, delivery));
    if (options.duplicate === true) note(tally, await postDelivery(url, delivery));
  } catch (error) {
    tally.unreachable ??= asPayhookError(error).message;
  }
};

const note = (tally: Tally, { httpStatus, status, error, durationMs }: Post): void => {
  const answer = `${httpStatus} ${status ?? error ?? ''}`.trim();
  tally.answers.set(answer, (tally.answers.get(answer) ?? 0) + 1);
  tally.durationsMs.push(durationMs);
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const report = (context: CommandContext, tally: Tally, seconds: number, isJson: boolean): void => {
  const sorted = tally.durationsMs.toSorted((a, b) => a - b);
  const summary = {
    sent: sorted.length,
    seconds: Math.round(seconds * 100) / 100,
    perSecond: Math.round(sorted.length / seconds),
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    answers: Object.fromEntries(tally.answers),
  };
  if (isJson) {
    context.print(JSON.stringify(summary));
    return;
  }
  const answers = [...tally.answers].map(([answer, count]) => [answer, String(count)] as const);
  const lines = fieldLines([
    ['sent', `${summary.sent} in ${summary.seconds} s (${summary.perSecond}/s)`],
    ['answered', `p50 ${summary.p50Ms} ms, p99 ${summary.p99Ms} ms`],
    ...answers,
  ]);
  for (const line of lines) context.print(line);
};
