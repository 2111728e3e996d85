/** One webhook processed again, or a part of it: seen first what that does. */
import { useState } from 'preact/hooks';
import type { ActionJson, PutBackJson, WebhookDetailJson } from '../../api-types.ts';
import { printable } from '../format.ts';
import { session, tell } from '../server.ts';
import { ReasonForm } from './reason-form.tsx';
import { Text } from './value.tsx';

export interface ReplayProps {
  readonly webhook: WebhookDetailJson;
  readonly action: ActionJson;
  readonly onDone: (said: PutBackJson) => void;
}

export const Replay = ({ webhook: { webhookId, handlers, events }, action, onDone }: ReplayProps) => {
  const [isOpen, setIsOpen] = useState(false);
  const [only, setOnly] = useState('');
  const names = [...new Set(handlers.map(({ handler }) => handler))];
  const destinations = session.value?.destinations ?? [];
  const isForDestination = destinations.includes(only);
  const called = isForDestination ? [] : handlers.filter(({ handler }) => only === '' || handler === only);
  const again = [...new Set(called.filter(({ outcome }) => outcome === 'done').map(({ handler }) => handler))];
  return (
    <details class="replay" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Replay…</summary>
      {isOpen && (
        <ReasonForm
          label="Replay"
          action={action}
          says={
            <>
              {isForDestination && <>Its events go to {printable(only)} again. No handler is called.</>}
              {!isForDestination && only === '' && (
                <>
                  All handlers are called again
                  {destinations.length > 0 && events.length > 0 && ', and destinations get its events again'}. Payments
                  are not changed twice.
                </>
              )}
              {!isForDestination && only !== '' && <>{printable(only)} is called again, and nobody else.</>}
              {again.length > 0 && (
                <>
                  {' '}
                  <strong>
                    Done before: <Text of={again.join(', ')} />
                  </strong>
                  , with the same ids as then.
                </>
              )}
            </>
          }
          onSend={async (reason) =>
            onDone(
              await tell<PutBackJson>(`/api/webhooks/${encodeURIComponent(webhookId)}/replay`, {
                ...(only === '' ? {} : { only }),
                reason,
              }),
            )
          }
        >
          <label>
            <span>For</span>
            <select value={only} onChange={(event) => setOnly(event.currentTarget.value)}>
              <option value="">everybody</option>
              {names.map((name) => (
                <option key={name} value={name}>
                  handler {printable(name)}
                </option>
              ))}
              {destinations.map((name) => (
                <option key={name} value={name}>
                  destination {printable(name)}
                </option>
              ))}
            </select>
          </label>
        </ReasonForm>
      )}
    </details>
  );
};
