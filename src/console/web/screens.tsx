/** Which screen an address shows, and what stands in the rail. */
import type { ComponentChildren } from 'preact';
import { hrefOf, place } from './location.ts';
// Of every list, and of a part of the overview that is loaded later: not a file of its own for the two.
import './parts/export.tsx';
import { lazy, loadBefore } from './parts/lazy.tsx';
import { Screen } from './parts/screen.tsx';
import { Overview } from './screens/overview.tsx';

/** Loaded when one of them is opened: what opens first stays small, and files that are loaded later are few. */
const trail = async () => (await import('./screens/trail.ts')).TRAIL;
const many = async () => (await import('./screens/many.ts')).MANY;
const stored = async () => (await import('./screens/stored.ts')).STORED;
const edges = async () => (await import('./screens/edges.ts')).EDGES;

const ActOnMany = lazy(async () => (await many()).ActOnMany);
const Approvals = lazy(async () => (await many()).Approvals);
const JobScreen = lazy(async () => (await many()).JobScreen);
const Jobs = lazy(async () => (await many()).Jobs);
const Audit = lazy(async () => (await trail()).Audit);
const Evidence = lazy(async () => (await trail()).Evidence);
const Review = lazy(async () => (await trail()).Review);
const DeadLetters = lazy(async () => (await stored()).DeadLetters);
const Differences = lazy(async () => (await stored()).Differences);
const Find = lazy(async () => (await stored()).Find);
const Payments = lazy(async () => (await stored()).Payments);
const PaymentScreen = lazy(async () => (await stored()).PaymentScreen);
const Webhooks = lazy(async () => (await stored()).Webhooks);
const WebhookScreen = lazy(async () => (await stored()).WebhookScreen);
const Deliveries = lazy(async () => (await edges()).Deliveries);
const DeliveryScreen = lazy(async () => (await edges()).DeliveryScreen);
const DestinationScreen = lazy(async () => (await edges()).DestinationScreen);
const Destinations = lazy(async () => (await edges()).Destinations);
const Settings = lazy(async () => (await edges()).Settings);

/** In the order of the number keys, of which there are nine; the letter goes with `g`. */
export const ENTRIES = [
  { path: '/', name: 'Overview', letter: 'o' },
  { path: '/payments', name: 'Payments', letter: 'p' },
  { path: '/webhooks', name: 'Webhooks', letter: 'w' },
  { path: '/deliveries', name: 'Deliveries', letter: 'e' },
  { path: '/dead-letters', name: 'Dead letters', letter: 'l' },
  { path: '/destinations', name: 'Destinations', letter: 'd' },
  { path: '/jobs', name: 'Jobs', letter: 'j' },
  { path: '/approvals', name: 'Approvals', letter: 'v' },
  { path: '/audit', name: 'Audit', letter: 'a' },
  { path: '/settings', name: 'Settings', letter: 's' },
] as const;

export const isUnder = (path: string, entry: string): boolean =>
  entry === '/' ? path === '/' : path === entry || path.startsWith(`${entry}/`);

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** A screen that asks once is another one at another address. */
const hereOf = (): string => hrefOf(place.value.path, place.value.params);

/** What stands alone at its address. */
const SCREENS: Readonly<Record<string, () => ComponentChildren>> = {
  '': () => <Overview />,
  payments: () => <Payments />,
  webhooks: () => <Webhooks />,
  deliveries: () => <Deliveries />,
  'dead-letters': () => <DeadLetters />,
  destinations: () => <Destinations />,
  jobs: () => <Jobs />,
  approvals: () => <Approvals />,
  redrive: () => <ActOnMany key={hereOf()} work={{ kind: 'redrive' }} />,
  replay: () => <ActOnMany key={hereOf()} work={{ kind: 'replay', only: place.value.params.get('only') ?? null }} />,
  audit: () => <Audit />,
  settings: () => <Settings />,
  find: () => <Find key={place.value.params.get('q')} />,
};

/** One thing, by its id. */
const DETAILS: Readonly<Record<string, (id: string) => ComponentChildren>> = {
  payments: (what) => (what === 'differences' ? <Differences /> : null),
  webhooks: (id) => <WebhookScreen key={id} id={id} />,
  deliveries: (id) => <DeliveryScreen key={id} id={id} />,
  destinations: (name) => <DestinationScreen key={name} name={name} />,
  jobs: (id) => <JobScreen key={id} id={id} />,
  audit: (what) => (what === 'review' ? <Review /> : what === 'evidence' ? <Evidence /> : null),
  resend: (destination) => <ActOnMany key={hereOf()} work={{ kind: 'resend', destination }} />,
};

const screenAt = ([name = '', first, second, ...more]: readonly string[]): ComponentChildren => {
  if (more.length > 0) return null;
  if (first === undefined) return Object.hasOwn(SCREENS, name) ? SCREENS[name]?.() : null;
  if (second === undefined) return Object.hasOwn(DETAILS, name) ? DETAILS[name]?.(first) : null;
  return name === 'payments' ? <PaymentScreen key={`${first} ${second}`} provider={first} id={second} /> : null;
};

const screenHere = (): ComponentChildren => screenAt(place.value.path.slice(1).split('/').map(decoded));

export const loadScreenHere = (): Promise<void> => loadBefore(screenHere());

export const ScreenHere = (): ComponentChildren =>
  screenHere() ?? (
    <Screen title="Not here">
      <p class="empty">
        There is no screen at this address. <a href="/">Overview</a>
      </p>
    </Screen>
  );
