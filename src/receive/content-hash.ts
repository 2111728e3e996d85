/** What an event says, as a hash: two deliveries of one event must say the same. */
import { hash as digestOf } from 'node:crypto';
import type { ProviderEvent } from '../core/ports/provider.ts';

/** Hex characters of the form, and of what is said in it: 128 bits, since whoever signs may try to meet another's. */
const FORM_CHARS = 8;
const TEXT_CHARS = 32;
const NO_FORM = '0'.repeat(FORM_CHARS);

/** Of the forms that came before: an account has one or two. */
const formHashes = new Map<string, string>();
/** Forms are signed, and few; then all are made anew. */
const FORMS_MAX = 100;

const formHashOf = (form: string): string => {
  let formHash = formHashes.get(form);
  if (formHash === undefined) {
    if (formHashes.size >= FORMS_MAX) formHashes.clear();
    formHash = digestOf('sha256', form, 'hex').slice(0, FORM_CHARS);
    formHashes.set(form, formHash);
  }
  return formHash;
};

/** `bodySha256` is known already, and is what most events are compared by. */
export const contentHashOf = ({ content, payload }: ProviderEvent, bodySha256: string): string => {
  if (content === undefined) return NO_FORM + textHash(payload, bodySha256);
  const { form, text } = content;
  const formHash = form === undefined ? NO_FORM : formHashOf(form);
  return (
    formHash + digestOf('sha256', typeof text === 'string' ? text : Buffer.concat(text), 'hex').slice(0, TEXT_CHARS)
  );
};

const textHash = (payload: Uint8Array | null, bodySha256: string): string =>
  (payload === null ? bodySha256 : digestOf('sha256', payload, 'hex')).slice(0, TEXT_CHARS);

/** Whether what arrived says something else than what is stored. Not known, and so not said, of two forms, or of a webhook stored before contents were. */
export const isOtherContent = (stored: string | undefined, arrived: string | undefined): boolean =>
  stored !== undefined &&
  arrived !== undefined &&
  stored !== arrived &&
  stored.slice(0, FORM_CHARS) === arrived.slice(0, FORM_CHARS);
