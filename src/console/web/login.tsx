/** Coming in by the link that `payhook console` printed, and by name where operators are defined. */
import { useEffect, useState } from 'preact/hooks';
import { go, place } from './location.ts';
import { lazy } from './parts/lazy.tsx';
import { Problem } from './parts/problem.tsx';
import { type Claim, hasEnded, logIn, ServerError } from './server.ts';

/** The token stands behind the `#`, which no server and no Referer sees; once read it is taken out of the address. */
const takeToken = (): string => {
  const token = location.hash.slice(1);
  history.replaceState(null, '', location.pathname + location.search);
  return token;
};

const WhoForm = lazy(async () => (await import('./parts/who-form.tsx')).WhoForm, 'div');
const WaitForNumber = lazy(async () => (await import('./parts/wait-for-number.tsx')).WaitForNumber, 'div');

const PATH = '/login';
/** The link is good, and what is missing is who it is. */
const ASKS_WHO: readonly string[] = ['operator_needed', 'passphrase_wrong', 'operator_locked'];

export const Login = () => {
  const [token, setToken] = useState(takeToken);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const [isBusy, setIsBusy] = useState(token !== '');
  const comeIn = (claim?: Claim, by = token): void => {
    setIsBusy(true);
    logIn(by, claim)
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
      {hasEnded.value && (
        <p class="notice" role="alert">
          The session has ended. Come in again, and this page opens where it was.
        </p>
      )}
      {problem !== null && problem.code !== 'operator_needed' && <Problem of={problem} />}
      {isWhoAsked && <WhoForm isBusy={isBusy} onClaim={comeIn} />}
      {!isWhoAsked && isBusy && <p role="status">Coming in…</p>}
      {!isWhoAsked && !isBusy && (
        <WaitForNumber
          onToken={(admitted) => {
            setToken(admitted);
            comeIn(undefined, admitted);
          }}
        />
      )}
    </main>
  );
};
