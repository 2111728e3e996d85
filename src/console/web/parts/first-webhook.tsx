/** What to do where nothing has come yet. */
import { session } from '../server.ts';
import { NextCommand } from './next-command.tsx';

export const FirstWebhook = () => {
  const [first] = session.value?.providers ?? [];
  return (
    <>
      <p>No webhooks yet. Send one:</p>
      <NextCommand words={['send', first?.name ?? '', first?.firstEventType ?? '']} />
    </>
  );
};
