/** The page: begins with whether somebody is logged in. */
import { render } from 'preact';
import { askFirst, forgetFirstAsked } from './first-asked.ts';
import { Frame } from './frame.tsx';
import { followHints } from './hints.ts';
import { listenToKeys } from './keyboard.ts';
import { followLinks } from './location.ts';
import { Login } from './login.tsx';
import { loadScreenHere } from './screens.tsx';
import { loadSession, ServerError, session } from './server.ts';

const App = () => (session.value === null ? <Login /> : <Frame />);

const whoIsThere = (): Promise<void> =>
  loadSession().catch((error: unknown) => {
    if (!(error instanceof ServerError)) throw error;
  });

const start = async (): Promise<void> => {
  // A link that was just opened begins a session of its own.
  if (location.hash === '') {
    askFirst(location);
    await Promise.all([whoIsThere(), loadScreenHere()]);
  }
  followLinks();
  listenToKeys();
  followHints();
  render(<App />, document.body);
  forgetFirstAsked();
};

void start();
