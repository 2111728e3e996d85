/** Something did not work: what, and what to do. */
import { printable } from '../format.ts';
import type { ServerError } from '../server.ts';

const sentence = (text: string): string => printable(text.charAt(0).toUpperCase() + text.slice(1));

export interface ProblemProps {
  readonly of: ServerError;
  readonly retry?: () => void;
  /** Nobody asks again but the person: it is no answer of `useAnswer`. @default false */
  readonly isAskedOnce?: boolean;
}

export const Problem = ({ of, retry, isAskedOnce = false }: ProblemProps) => (
  <div class="problem" role="alert">
    <p>
      {sentence(of.message)} <code>{of.code}</code>
    </p>
    {retry !== undefined && of.code !== 'not_allowed' && (
      <button type="button" onClick={retry}>
        Try again
      </button>
    )}
    {retry !== undefined && of.isPassing && !isAskedOnce && (
      <span class="quiet"> This page tries again by itself.</span>
    )}
  </div>
);
