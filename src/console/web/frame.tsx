/** What stands around every screen: the rail, the bar with the box for ids, and what is said when a session ends. */
import { useRef } from 'preact/hooks';
import { isHelpOpen } from './help.ts';
import { hints, pauseHints } from './hints.ts';
import { go, hrefOf, place } from './location.ts';
import { now } from './now.ts';
import { lazy } from './parts/lazy.tsx';
import { Palette } from './parts/palette.tsx';
import { DENSITIES, density, keys, THEMES, theme, ZONES, zone } from './preferences.ts';
import { ENTRIES, isUnder, ScreenHere } from './screens.tsx';
import { isOutdated, loadSession, logOut, session, usedAt } from './server.ts';

const KeysHelp = lazy(async () => (await import('./parts/keys-help.tsx')).KeysHelp, 'div');
const WaitingForMe = lazy(async () => (await import('./parts/waiting-for-me.tsx')).WaitingForMe, 'span');

export const Frame = () => (
  <>
    <a class="skip" href="#screen">
      To the screen
    </a>
    <header class="bar">
      <Home />
      <FindBox />
      <Live />
      <Settings />
    </header>
    <nav class="rail" aria-label="Screens">
      {ENTRIES.map(({ path, name }, index) => (
        <a key={path} href={path} aria-current={isUnder(place.value.path, path) ? 'page' : undefined}>
          <span class="digit" aria-hidden="true">
            {index < 9 ? index + 1 : ''}
          </span>
          {name}
          {path === '/approvals' && session.value?.role === 'approver' && <WaitingForMe />}
        </a>
      ))}
    </nav>
    <div id="screen">
      <Ending />
      <Outdated />
      <ScreenHere />
    </div>
    {isHelpOpen.value && <KeysHelp />}
    <Palette />
  </>
);

const Home = () => {
  const home = session.value?.home ?? { kind: 'local' };
  return (
    <div class="brand">
      <a href="/">Payhook</a>
      <span class={`home ${home.kind}`}>{home.kind === 'aws' ? `AWS ${home.environmentSuffix}` : 'local'}</span>
    </div>
  );
};

const FindBox = () => {
  const box = useRef<HTMLInputElement>(null);
  const find = (event: Event): void => {
    event.preventDefault();
    const id = box.current?.value.trim() ?? '';
    if (id !== '') go(hrefOf('/find', [['q', id]]));
  };
  return (
    <search class="find">
      <form onSubmit={find}>
        <input
          ref={box}
          id="find"
          type="search"
          aria-label="Find anything by its id"
          placeholder="Find any id"
          spellcheck={false}
        />
      </form>
    </search>
  );
};

const SHOWN = { live: '● live', asking: '○ asking', away: '✖ away', paused: '‖ paused' } as const;

/** Whether lists hear of what is new. */
const Live = () => (
  <button type="button" class={`hints ${hints()}`} aria-pressed={hints() === 'paused'} onClick={pauseHints}>
    <span class="unseen">Hints of what is new: </span>
    {SHOWN[hints()]}
  </button>
);

const Settings = () => {
  const { operator = '', role = '' } = session.value ?? {};
  return (
    <details class="command settings">
      <summary class="button">
        {operator} <span class="quiet">{role}</span> <span class="zone">{zone.value}</span>
      </summary>
      <div class="popup">
        <Choice label="Times in" values={ZONES} of={zone} />
        <Choice label="Theme" values={THEMES} of={theme} />
        <Choice label="Density" values={DENSITIES} of={density} />
        <Choice label="Single keys" values={['on', 'off']} of={keys} />
        <button type="button" onClick={() => void logOut()}>
          Log out
        </button>
        <p class="quiet">Payhook {session.value?.version}. Keys: ?</p>
      </div>
    </details>
  );
};

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly values: readonly Value[];
  readonly of: { value: Value };
}

const Choice = <Value extends string>({ label, values, of }: ChoiceProps<Value>) => (
  <label>
    <span>{label}</span>
    <select
      value={of.value}
      onChange={(event) => {
        of.value = values.find((one) => one === event.currentTarget.value) ?? of.value;
      }}
    >
      {values.map((value) => (
        <option key={value} value={value}>
          {value}
        </option>
      ))}
    </select>
  </label>
);

const ANNOUNCED_MS = 60_000;

/** A session that ends soon can be put off: WCAG 2.2.1. */
const Ending = () => {
  const left = usedAt.value + (session.value?.idleMsMax ?? 0) - now.value;
  if (left > ANNOUNCED_MS) return null;
  return (
    <div class="notice" role="alert">
      The session ends in less than a minute.{' '}
      <button type="button" onClick={() => void loadSession()}>
        Stay
      </button>
    </div>
  );
};

const Outdated = () =>
  isOutdated.value ? (
    <div class="notice" role="alert">
      Another release of Payhook answers by now, and this page is of the one before.{' '}
      <button type="button" onClick={() => location.reload()}>
        Load it again
      </button>
    </div>
  ) : null;
