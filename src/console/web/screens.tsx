/** Which screen an address shows, and what stands in the rail. */
import type { ComponentChildren } from 'preact';
import { hrefOf, place } from './location.ts';
import { lazy } from './parts/lazy.tsx';
import { Screen } from './parts/screen.tsx';
import { DeadLetters } from './screens/dead-letters.tsx';
import { Overview } from './screens/overview.tsx';
import { Payments } from './screens/payments.tsx';
import { Webhooks } from './screens/webhooks.tsx';

/** Loaded when they are opened: what opens first stays small. */
const Audit = lazy(async () => (await import('./screens/audit.tsx')).Audit);
const Destinations = lazy(async () => (await import('./screens/destinations.tsx')).Destinations);
const Find = lazy(async () => (await import('./screens/find.tsx')).Find);
const JobScreen = lazy(async () => (await import('./screens/job.tsx')).JobScreen);
const Jobs = lazy(async () => (await import('./screens/jobs.tsx')).Jobs);
const PaymentScreen = lazy(async () => (await import('./screens/payment.tsx')).PaymentScreen);
const RedriveMany = lazy(async () => (await import('./screens/redrive-many.tsx')).RedriveMany);
const WebhookScreen = lazy(async () => (await import('./screens/webhook.tsx')).WebhookScreen);

/** In the order of the number keys; the letter goes with `g`. */
export const ENTRIES = [
  { path: '/', name: 'Overview', letter: 'o' },
  { path: '/payments', name: 'Payments', letter: 'p' },
  { path: '/webhooks', name: 'Webhooks', letter: 'w' },
  { path: '/dead-letters', name: 'Dead letters', letter: 'l' },
  { path: '/destinations', name: 'Destinations', letter: 'd' },
  { path: '/jobs', name: 'Jobs', letter: 'j' },
  { path: '/audit', name: 'Audit', letter: 'a' },
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

export const ScreenHere = (): ComponentChildren => {
  const [, name = '', first, second, ...more] = place.value.path.split('/').map(decoded);
  if (more.length === 0) {
    if (name === 'webhooks' && first !== undefined && second === undefined)
      return <WebhookScreen key={first} id={first} />;
    if (name === 'jobs' && first !== undefined && second === undefined) return <JobScreen key={first} id={first} />;
    if (name === 'payments' && first !== undefined && second !== undefined) {
      return <PaymentScreen key={`${first} ${second}`} provider={first} id={second} />;
    }
    if (first === undefined) {
      switch (name) {
        case '':
          return <Overview />;
        case 'payments':
          return <Payments />;
        case 'webhooks':
          return <Webhooks />;
        case 'dead-letters':
          return <DeadLetters />;
        case 'destinations':
          return <Destinations />;
        case 'jobs':
          return <Jobs />;
        case 'redrive':
          return <RedriveMany key={hrefOf('', place.value.params)} />;
        case 'audit':
          return <Audit />;
        case 'find':
          return <Find key={place.value.params.get('q')} />;
      }
    }
  }
  return (
    <Screen title="Not here">
      <p class="empty">
        There is no screen at this address. <a href="/">Overview</a>
      </p>
    </Screen>
  );
};
