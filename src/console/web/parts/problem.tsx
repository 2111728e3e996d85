/** Something did not work: what, and what to do. */
import { printable } from '../format.ts';
import type { ServerError } from '../server.ts';

const sentence = (text: string): string => printable(text.charAt(0).toUpperCase() + text.slice(1));

export const Problem = ({ of, retry }: { readonly of: ServerError; readonly retry?: () => void }) => (
  <div class="problem" role="alert">
    <p>
      {sentence(of.message)} <code>{of.code}</code>
    </p>
    {retry !== undefined && (
      <button type="button" onClick={retry}>
        Try again
      </button>
    )}
  </div>
);
