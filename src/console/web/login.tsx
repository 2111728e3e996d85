/** Coming in by the link that `payhook console` printed. */
import { useEffect, useState } from 'preact/hooks';
import { go, place } from './location.ts';
import { Problem } from './parts/problem.tsx';
import { logIn, ServerError } from './server.ts';

/** The token stands behind the `#`, which no server and no Referer sees; once read it is taken out of the address. */
const takeToken = (): string => {
  const token = location.hash.slice(1);
  history.replaceState(null, '', location.pathname + location.search);
  return token;
};

const PATH = '/login';

export const Login = () => {
  const [problem, setProblem] = useState<ServerError | null>(null);
  const [isBusy, setIsBusy] = useState(location.hash.length > 1);
  useEffect(() => {
    const token = takeToken();
    if (token === '') return;
    logIn(token)
      .then(() => place.value.path === PATH && go('/'))
      .catch((error: unknown) => {
        if (!(error instanceof ServerError)) throw error;
        setProblem(error);
        setIsBusy(false);
      });
  }, []);
  return (
    <main class="login">
      <h1>Payhook</h1>
      {problem !== null && <Problem of={problem} />}
      {isBusy ? (
        <p role="status">Coming in…</p>
      ) : (
        <p>
          Open the link that <code>payhook console</code> prints. It works once, within two minutes; Enter there makes
          another one.
        </p>
      )}
    </main>
  );
};
