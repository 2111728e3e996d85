/** What to do where nothing has come yet. */
import { commandLine } from '../command-line.ts';
import { session } from '../server.ts';

export const FirstWebhook = () => {
  const [first] = session.value?.providers ?? [];
  return (
    <>
      <p>No webhooks yet. Send one:</p>
      <code>{commandLine({ kind: 'local' }, ['send', first?.name ?? '', first?.firstEventType ?? ''])}</code>
    </>
  );
};
