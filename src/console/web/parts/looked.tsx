/** When what stands here was answered: numbers change no more by themselves than rows do. */
import { hinted, hints } from '../hints.ts';
import type { Asked } from '../use-answer.ts';
import { Ago } from './value.tsx';

/** The first hint says how it is, and not that anything has changed. */
const isOther = (hint: number): boolean => hints() !== 'paused' && hinted.value > Math.max(hint, 1);

export const Looked = ({ at: { answeredAt, hint, reload } }: { readonly at: Asked<unknown> }) =>
  answeredAt === null ? null : (
    <p class="looked quiet">
      <span>
        As of <Ago at={answeredAt} />
        {isOther(hint) && ', and something has changed since'}
      </span>
      <button type="button" onClick={reload}>
        Look again
      </button>
    </p>
  );
