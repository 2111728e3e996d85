/** Jobs as the command line shows them. */
import type { Clock } from '../core/ports/clock.ts';
import { JOB_OUTCOMES, type Job, type JobPreview, type JobWork, type SavedMoney, shownStateOf } from '../jobs/job.ts';
import { timeText } from '../operate/webhook-json.ts';
import { counted } from './counted.ts';
import { moneyText } from './payment-text.ts';
import { fieldLines } from './table.ts';

const sumText = ({ minor, ...rest }: SavedMoney): string => moneyText({ ...rest, minor: BigInt(minor) });

/** Currencies stand beside each other; empty where no amount is known. */
export const sumsText = (money: readonly SavedMoney[]): string => money.map(sumText).join(' + ');

export const workText = (work: JobWork): string => {
  switch (work.kind) {
    case 'redrive':
      return 'redrive';
    case 'replay':
      return work.only === null ? 'replay' : `replay, only ${work.only}`;
    case 'resend':
      return `resend to ${work.destination}`;
    default:
      return work satisfies never;
  }
};

const IMPOSSIBLE: Readonly<Record<JobPreview['impossible'][number]['why'], string>> = {
  unparsable: 'the signed body was not understood',
  waits_already: 'waits for its first attempt already',
  not_given_to_handler: 'was never given to this handler',
  none_given_up: 'nothing of it was given up',
  not_there: 'is not there',
  not_meant: 'is not in that state any more, or not what the filter says',
};

const filterText = ({ until, since, status, handler, ...rest }: Job['filter']): string =>
  [
    ...(since === undefined ? [] : [`since=${timeText(since)}`]),
    `until=${timeText(until)}`,
    ...(status === undefined ? [] : [`status=${[status].flat().join(',')}`]),
    ...(handler === undefined ? [] : [`handler=${[handler.name, handler.outcome].filter(Boolean).join('=')}`]),
    ...Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${String(value)}`])),
  ].join(' ');

export const NO_PAYMENT =
  'none: no payment in the mode that counts, which is live unless the configuration or --mode says test';

const moneyLine = ({ webhooks, money, payments, withoutAmount }: JobPreview): string =>
  [
    payments === 0 && webhooks > 0
      ? NO_PAYMENT
      : `at most ${sumsText(money) || 'none'} in ${counted(payments, 'payment')}`,
    ...(withoutAmount === 0 ? [] : [`${withoutAmount} without an amount`]),
  ].join(', ');

/** What would happen, for a person who decides whether it should. */
export const previewLines = (work: JobWork, filter: Job['filter'], preview: JobPreview): readonly string[] => {
  const lines: [string, string][] = [
    [workText(work), counted(preview.webhooks, 'webhook')],
    ['filter', filterText(filter)],
    ['money', moneyLine(preview)],
  ];
  for (const { handler, called, notCalled } of preview.handlers) {
    if (called > 0) lines.push(['will call', `${handler} for ${called}`]);
    if (notCalled > 0)
      lines.push([
        'will not call',
        `${handler} for ${notCalled}${work.kind === 'redrive' ? ', which it has done' : ''}`,
      ]);
  }
  if (preview.notReached > 0)
    lines.push(['will call', `whoever wants them, for ${preview.notReached} that no handler was called with yet`]);
  for (const { destination, events } of preview.destinations)
    lines.push(['will send', `${counted(events, 'event')} to ${destination} again`]);
  for (const { why, webhooks, examples } of preview.impossible) {
    const more = webhooks > examples.length ? ', …' : '';
    lines.push(['impossible', `${webhooks}: ${IMPOSSIBLE[why]} (${examples.join(', ')}${more})`]);
  }
  if (preview.scannedUntil !== null) {
    lines.push(['looked', `back to ${timeText(preview.scannedUntil)}: what is older is not part of it`]);
  }
  return fieldLines(lines);
};

/** `47 processed, 1 failed_again`. */
export const countsText = (counts: Job['counts']): string =>
  JOB_OUTCOMES.filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${outcome}`)
    .join(', ');

const who = ({ type, id }: Job['requestedBy']): string => `${type}:${id}`;

export const jobLines = (job: Job, clock: Pick<Clock, 'now'>): readonly string[] => {
  const { approval } = job;
  const state = shownStateOf(job, clock.now());
  return [
    ...fieldLines([
      ['job', job.id],
      ['state', job.stateReason === null ? state : `${state}: ${job.stateReason}`],
      ['asked for', `${timeText(job.requestedAt)} by ${who(job.requestedBy)}: ${job.reason}`],
      ...(approval === null ? [] : [['approval', approvalText(approval)] as const]),
      ['so far', countsText(job.counts)],
      ['rate', `${job.webhooksPerSecond} a second`],
      ['preview', job.previewHash],
    ]),
    '',
    ...previewLines(job.work, job.filter, job.preview),
  ];
};

const approvalText = ({ why, expiresAt, decision }: NonNullable<Job['approval']>): string =>
  decision === null
    ? `needed, for ${why}, until ${timeText(expiresAt)}`
    : `${decision.outcome} ${timeText(decision.at)} by ${who(decision.by)}: ${decision.reason}`;
