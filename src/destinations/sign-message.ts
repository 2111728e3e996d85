/**
 * The headers with which Standard Webhooks signs a message, so that every library of theirs verifies it.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac } from 'node:crypto';
import { PayhookError } from '../core/errors.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { DestinationMessage } from './destination.ts';
import { keyOfDestinationSecret, problemOfDestinationSecret } from './destination-secret.ts';

/** A type and no interface, so that it is a record of headers too. */
export type SignatureHeaders = {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
};

/**
 * The keys in a destination's secrets; several while one is being rolled. Throws `secrets_unavailable` when there is
 * none, `configuration_invalid` when one of them is unusable.
 */
export const signingKeysOf = (destination: string, secrets: readonly string[]): readonly Uint8Array[] => {
  if (secrets.length === 0) {
    throw new PayhookError(
      'secrets_unavailable',
      `the destination ${destination} has no signing secret: configure one`,
    );
  }
  return secrets.map((secret) => {
    const problem = problemOfDestinationSecret(secret);
    if (problem === null) return keyOfDestinationSecret(secret);
    throw new PayhookError('configuration_invalid', `a signing secret of the destination ${destination} ${problem}`);
  });
};

/** A full stop joins the signed parts, so none may be inside the id; `%` is escaped too, so that no two ids become one. */
const headerIdOf = (id: string): string => id.replace(/[.%]/g, (character) => (character === '.' ? '%2E' : '%25'));

/** One signature for each key, so that whoever knows any of them can verify. `now` is the instant of this attempt. */
export const signMessage = (
  { id, body }: DestinationMessage,
  keys: readonly Uint8Array[],
  now: EpochMs,
): SignatureHeaders => {
  const headerId = headerIdOf(id);
  const timestamp = String(Math.floor(now / 1000));
  const signed = `${headerId}.${timestamp}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  return { 'webhook-id': headerId, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
};
