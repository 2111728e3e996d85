/** What became of something, by word and shape as well as by colour. */
import { words } from '../format.ts';

type Tone = 'good' | 'bad' | 'waiting' | 'quiet';

const SHAPES: Readonly<Record<Tone, string>> = { good: '✔', bad: '✖', waiting: '◔', quiet: '–' };

/** Statuses and outcomes of webhooks, payments, handlers, destinations, attempts. */
const TONES: Readonly<Record<string, Tone>> = {
  processed: 'good',
  succeeded: 'good',
  done: 'good',
  delivered: 'good',
  success: 'good',
  won: 'good',
  dead_lettered: 'bad',
  failed: 'bad',
  given_up: 'bad',
  down: 'bad',
  down_tried_now: 'waiting',
  failure: 'bad',
  lost: 'bad',
  reversed: 'bad',
  received: 'waiting',
  retrying: 'waiting',
  waiting: 'waiting',
  pending: 'waiting',
  requires_action: 'waiting',
  authorized: 'waiting',
  open: 'waiting',
  running: 'waiting',
  paused: 'waiting',
  waiting_for_approval: 'waiting',
  stopped: 'bad',
  failed_again: 'bad',
  not_done: 'bad',
  queued: 'waiting',
};

export const State = ({ of }: { readonly of: string }) => {
  const tone = TONES[of] ?? 'quiet';
  return (
    <span class={`state ${tone}`}>
      <span aria-hidden="true">{SHAPES[tone]}</span> {words(of)}
    </span>
  );
};
