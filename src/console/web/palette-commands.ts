/** What the palette offers: read off what is on the screen, so that nothing is offered that a click could not do. */
import { hints, pauseHints } from './hints.ts';
import { go, hrefOf, place } from './location.ts';
import { absolute } from './moment.ts';
import { readNow } from './now.ts';
import { zone } from './preferences.ts';
import { ENTRIES } from './screens.tsx';
import { idIn } from './selection.ts';

export interface PaletteCommand {
  readonly name: string;
  readonly group: string;
  readonly run: () => void;
}

const VIEWS = [
  ['Webhooks that wait for another attempt', '/webhooks?status=retrying'],
  ['Dead letters one by one', '/webhooks?status=dead_lettered'],
  ['Webhooks of the last hour', '/webhooks?since=1h'],
  ['Payments that failed', '/payments?status=failed'],
  ['Payments of the last day', '/payments?since=1d'],
] as const;

const copy = (text: string): void => void navigator.clipboard.writeText(text);

const MOMENTS: readonly string[] = ['since', 'until'];

/** Of what is on the screen now, for somebody else: the same rows, whenever it is opened. */
const linkHere = (): string => {
  const { path, params } = place.value;
  const now = readNow();
  return `${location.origin}${hrefOf(
    path,
    [...params].map(([name, value]) => [name, MOMENTS.includes(name) ? absolute(value, now) : value]),
  )}`;
};

/** Buttons, links and what opens, at the head of the screen and in its forms. */
const PRESSED = 'main .actions :is(a, button, summary), main form.act button, main section.act button';

/** What can be done with what is open. */
export const commandsHere = (): readonly PaletteCommand[] => {
  const pressed = [...document.querySelectorAll<HTMLElement>(PRESSED)]
    .filter((element) => !(element instanceof HTMLButtonElement && element.disabled) && element.checkVisibility())
    .map((element) => ({
      name: (element.ariaLabel ?? element.textContent ?? '').trim(),
      group: 'Here',
      run: () => {
        element.focus();
        element.click();
      },
    }));
  return [
    ...pressed,
    { name: 'Copy link', group: 'Here', run: () => copy(linkHere()) },
    { name: hints() === 'paused' ? 'Go on with hints' : 'Pause hints', group: 'Here', run: pauseHints },
    {
      name: zone.value === 'UTC' ? 'Times in local' : 'Times in UTC',
      group: 'Here',
      run: () => {
        zone.value = zone.value === 'UTC' ? 'local' : 'UTC';
      },
    },
  ];
};

export const commandsOnTheWay = (): readonly PaletteCommand[] => [
  ...ENTRIES.map(({ name, path }) => ({ name, group: 'Go to', run: () => go(path) })),
  ...VIEWS.map(([name, href]) => ({ name, group: 'View', run: () => go(href) })),
];

export const commandsOfRow = (row: HTMLAnchorElement): readonly PaletteCommand[] => [
  { name: 'Open', group: 'Row', run: () => row.click() },
  { name: 'Open in a new tab', group: 'Row', run: () => void open(row.href, '_blank', 'noopener') },
  { name: 'Copy id', group: 'Row', run: () => copy(idIn(row.pathname)) },
  { name: 'Copy link', group: 'Row', run: () => copy(row.href) },
];
