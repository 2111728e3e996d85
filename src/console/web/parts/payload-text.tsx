/** A payload as a tree that opens and closes, or as it is when it is no JSON. Text nodes only: nothing in it is a link. */
import { printable } from '../format.ts';

/** Deeper than anything that was found genuine and understood; what is deeper is shown as text. */
const DEPTH_MAX = 64;
/** Open without a click: an event, its data, its object. */
const DEPTH_OPEN = 3;
/** Characters of one text that are shown. */
const TEXT_CHARS_MAX = 2000;
const MEMBERS_MAX = 500;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const PayloadText = ({ text }: { readonly text: string }) => {
  const value = parsed(text);
  return (
    <div class="payload">
      {value === undefined ? <pre>{text.split('\n').map(shortened).join('\n')}</pre> : <Node value={value} depth={0} />}
    </div>
  );
};

const shortened = (text: string): string =>
  text.length <= TEXT_CHARS_MAX
    ? printable(text)
    : `${printable(text.slice(0, TEXT_CHARS_MAX))}… (${text.length} characters)`;

const Node = ({ name, value, depth }: { readonly name?: string; readonly value: unknown; readonly depth: number }) => {
  const label = name === undefined ? null : <span class="name">{shortened(name)}: </span>;
  if (typeof value !== 'object' || value === null || depth >= DEPTH_MAX) {
    const text = typeof value === 'string' ? JSON.stringify(value) : String(JSON.stringify(value));
    return (
      <div class="leaf">
        {label}
        <span class={typeof value}>{shortened(text)}</span>
      </div>
    );
  }
  const members = Object.entries(value);
  const brackets = Array.isArray(value) ? `[${members.length}]` : `{${members.length}}`;
  return (
    <details open={depth < DEPTH_OPEN}>
      <summary>
        {label}
        <span class="quiet">{brackets}</span>
      </summary>
      {members.slice(0, MEMBERS_MAX).map(([key, member]) => (
        <Node key={key} name={key} value={member} depth={depth + 1} />
      ))}
      {members.length > MEMBERS_MAX && <p class="quiet">and {members.length - MEMBERS_MAX} more</p>}
    </details>
  );
};
