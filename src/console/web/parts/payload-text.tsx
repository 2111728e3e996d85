/** A payload as a tree that opens and closes and can be searched, or as it is when it is no JSON. Text nodes only: nothing in it is a link. */
import { useMemo, useState } from 'preact/hooks';
import { printable } from '../format.ts';
import { searchJson } from '../search-json.ts';
import { Copy } from './command.tsx';

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
  const value = useMemo(() => parsed(text), [text]);
  const [wanted, setWanted] = useState('');
  if (value === undefined) {
    return (
      <div class="payload">
        <pre>{text.split('\n').map(shortened).join('\n')}</pre>
      </div>
    );
  }
  return (
    <>
      <label class="search-in">
        <span>Search in it</span>
        <input
          type="search"
          spellcheck={false}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      </label>
      <div class="payload">
        {wanted.trim() === '' ? (
          <Node value={value} depth={0} />
        ) : (
          <Hits of={searchJson(value, wanted.trim(), HITS_MAX)} />
        )}
      </div>
    </>
  );
};

const HITS_MAX = 50;

/** Each with where it stands: for whoever writes a handler. */
const Hits = ({ of: { hits, isMore } }: { readonly of: ReturnType<typeof searchJson> }) => (
  <div role="status">
    {hits.length === 0 && <p class="quiet">Nothing in it says that.</p>}
    {hits.map(({ path, value }) => (
      <div key={path} class="leaf">
        <span class="name">{shortened(path)}: </span>
        <span>{shortened(JSON.stringify(value))}</span> <Copy text={path} label="Copy path" />
      </div>
    ))}
    {isMore && <p class="quiet">And more: only the first {HITS_MAX} are shown.</p>}
  </div>
);

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
