/** Something did not work: what, and what to do. */
import { printable } from '../format.ts';
import { place } from '../location.ts';
import type { ServerError } from '../server.ts';

/** As a sentence of ours: but what somebody wrote into the address stays as it is. */
export const sentence = (text: string): string => {
  const isTheirs = [...place.value.params.values()].some((value) => value !== '' && text.startsWith(value));
  const begun = isTheirs ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return printable(/[.!?]$/.test(begun) ? begun : `${begun}.`);
};

export interface ProblemProps {
  readonly of: ServerError;
  readonly retry?: () => void;
  /** Nobody asks again but the person: it is no answer of `useAnswer`. @default false */
  readonly isAskedOnce?: boolean;
}

/** Asked again as it is, it is answered the same. */
const FINAL: readonly string[] = ['not_found', 'usage_wrong', 'not_allowed'];

/** Screens on which something is done, and the list that what it is done with stands in. */
const LIST_OF: Readonly<Record<string, string>> = {
  redrive: 'dead-letters',
  replay: 'webhooks',
  resend: 'destinations',
};

interface WayOut {
  readonly href: string;
  readonly label: string;
}

/** Where somebody goes on for whom there is nothing at this address. */
const wayOut = (code: string): WayOut | null => {
  const { path, params } = place.value;
  const [, name = '', one] = path.split('/');
  const list = LIST_OF[name] ?? name;
  if (list !== name || (one !== undefined && code === 'not_found'))
    return { href: `/${list}`, label: `All ${list.replace('-', ' ')}` };
  return params.size === 0 ? null : { href: path, label: 'Clear the filters' };
};

export const Problem = ({ of: { message, code, isPassing }, retry, isAskedOnce = false }: ProblemProps) => {
  const isFinal = FINAL.includes(code);
  const way = retry === undefined || !isFinal || code === 'not_allowed' ? null : wayOut(code);
  return (
    <div class="problem" role="alert">
      <p>
        {sentence(message)} <code class="mark">{code}</code>
      </p>
      {way !== null && (
        <a class="button" href={way.href}>
          {way.label}
        </a>
      )}
      {retry !== undefined && !isFinal && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
      {retry !== undefined && isPassing && !isAskedOnce && <span class="quiet"> This page tries again by itself.</span>}
    </div>
  );
};

export interface UnansweredProps {
  /** Null while the answer is on its way. */
  readonly why: ServerError | null;
  readonly retry: () => void;
}

/** In place of what an answer shows, as long as there is none. */
export const Unanswered = ({ why, retry }: UnansweredProps) =>
  why === null ? <p class="quiet">Loading…</p> : <Problem of={why} retry={retry} />;
