/** Coming in by the link that `payhook console` printed, and by name where operators are defined. */
import { useEffect, useState } from 'preact/hooks';
import { go, place } from './location.ts';
import { Problem } from './parts/problem.tsx';
import { type Claim, logIn, ServerError } from './server.ts';

/** The token stands behind the `#`, which no server and no Referer sees; once read it is taken out of the address. */
const takeToken = (): string => {
  const token = location.hash.slice(1);
  history.replaceState(null, '', location.pathname + location.search);
  return token;
};

const PATH = '/login';
/** The link is good, and what is missing is who it is. */
const ASKS_WHO: readonly string[] = ['operator_needed', 'passphrase_wrong', 'operator_locked'];

export const Login = () => {
  const [token] = useState(takeToken);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const [isBusy, setIsBusy] = useState(token !== '');
  const comeIn = (claim?: Claim): void => {
    setIsBusy(true);
    logIn(token, claim)
      .then(() => place.value.path === PATH && go('/'))
      .catch((error: unknown) => {
        if (!(error instanceof ServerError)) throw error;
        setProblem(error);
        setIsBusy(false);
      });
  };
  useEffect(() => {
    if (token !== '') comeIn();
  }, []);
  const isWhoAsked = problem !== null && ASKS_WHO.includes(problem.code);
  return (
    <main class="login">
      <h1>Payhook</h1>
      {problem !== null && problem.code !== 'operator_needed' && <Problem of={problem} />}
      {isWhoAsked ? <WhoForm isBusy={isBusy} onClaim={comeIn} /> : <Wait isBusy={isBusy} />}
    </main>
  );
};

const Wait = ({ isBusy }: { readonly isBusy: boolean }) =>
  isBusy ? (
    <p role="status">Coming in…</p>
  ) : (
    <p>
      Open the link that <code>payhook console</code> prints. It works once, within two minutes; Enter there makes
      another one.
    </p>
  );

const WhoForm = ({ isBusy, onClaim }: { readonly isBusy: boolean; readonly onClaim: (claim: Claim) => void }) => {
  const [name, setName] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const send = (event: Event): void => {
    event.preventDefault();
    onClaim({ name, passphrase });
    setPassphrase('');
  };
  return (
    <form class="who" onSubmit={send}>
      <label>
        <span>Your name here</span>
        <input
          type="text"
          required
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        <span>Passphrase</span>
        <input
          type="password"
          required
          autocomplete="current-password"
          value={passphrase}
          onInput={(event) => setPassphrase(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={isBusy}>
        Come in
      </button>
    </form>
  );
};
