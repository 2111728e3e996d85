/** What a request asks for: the path and query of its target, in whichever form a client wrote it. */

export interface RequestTarget {
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
}

/** A whole URL instead of a path: rare, but a server has to take it (https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2). */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]+/i;

export const readTarget = (target: string): RequestTarget => {
  const text = target.startsWith('/') ? target : target.replace(ABSOLUTE_FORM, '');
  const queryAt = text.indexOf('?');
  if (queryAt < 0) return { path: text === '' ? '/' : text, query: '' };
  return { path: text.slice(0, queryAt) || '/', query: text.slice(queryAt + 1) };
};
