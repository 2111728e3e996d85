/** Who comes in, where operators are defined. */
import { useState } from 'preact/hooks';
import type { Claim } from '../server.ts';

export interface WhoFormProps {
  readonly isBusy: boolean;
  readonly onClaim: (claim: Claim) => void;
}

export const WhoForm = ({ isBusy, onClaim }: WhoFormProps) => {
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
