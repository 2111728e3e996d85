/** What the configuration calls a secret, in front of it: `live:…` or `test:…`, where the provider signs no mode. */
import type { Verified } from '../core/ports/provider.ts';
import type { Mode } from '../core/webhook.ts';

export interface LabelledSecret {
  readonly label: string | null;
  readonly value: string;
}

const MODE_SECRET = /^(live|test):(.*)$/s;

export const readModeSecret = (secret: string): LabelledSecret => {
  const text = secret.trim();
  const match = MODE_SECRET.exec(text);
  return match === null ? { label: null, value: text } : { label: match[1] ?? null, value: (match[2] ?? '').trim() };
};

/** The mode that the secret is of which verified a delivery; `unknown` where the configuration does not say. */
export const modeOfLabel = ({ label }: Pick<Verified, 'label'>): Mode =>
  label === 'live' || label === 'test' ? label : 'unknown';
