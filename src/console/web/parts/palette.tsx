/** Everything by its name: screens, views, and what can be done with what is open. Ctrl K. */
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { printable } from '../format.ts';
import { go, hrefOf } from '../location.ts';
import { commandsHere, commandsOfRow, commandsOnTheWay, type PaletteCommand } from '../palette-commands.ts';

/** What it offers; null while it is closed. */
export const palette = signal<readonly PaletteCommand[] | null>(null);

/** `row`: what can be done with the row that has the focus. */
export const openPalette = (row?: HTMLAnchorElement): void => {
  palette.value = row === undefined ? [...commandsHere(), ...commandsOnTheWay()] : commandsOfRow(row);
};

const SHOWN_MAX = 12;

const matching = (commands: readonly PaletteCommand[], text: string): readonly PaletteCommand[] => {
  const parts = text.toLowerCase().split(/\s+/);
  const found = commands.filter(({ name }) => parts.every((part) => name.toLowerCase().includes(part)));
  const id = text.trim();
  const find = { name: `Find ${printable(id)}`, group: 'Find', run: () => go(hrefOf('/find', [['q', id]])) };
  return [...found.slice(0, SHOWN_MAX), ...(id === '' ? [] : [find])];
};

export const Palette = () => {
  const commands = palette.value;
  return commands === null ? null : <Opened commands={commands} />;
};

const Opened = ({ commands }: { readonly commands: readonly PaletteCommand[] }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const shown = matching(commands, text);
  // Before the next key: whoever is quick types into it, and not into the screen behind.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  // The focus is back where it was before anything runs: what runs may move it.
  const run = ({ run: runIt }: PaletteCommand): void => {
    dialog.current?.close();
    runIt();
  };
  const press = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = shown[at];
    if (by !== undefined) setAt((at + by + shown.length) % Math.max(shown.length, 1));
    else if (event.key === 'Enter' && chosen !== undefined) run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Commands"
      onClose={() => {
        palette.value = null;
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Command"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={shown.length === 0 ? undefined : `palette-${at}`}
        placeholder="Go to, do, or find"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div role="listbox" id="palette-list" aria-label="Commands" tabIndex={-1}>
        {shown.map((command, index) => (
          <div
            key={`${command.group} ${command.name}`}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onClick={() => run(command)}
            onKeyDown={press}
          >
            <span>{command.name}</span>
            <span class="quiet">{command.group}</span>
          </div>
        ))}
      </div>
    </dialog>
  );
};
