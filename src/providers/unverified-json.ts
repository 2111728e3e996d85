/**
 * JSON that has to be read before anything is proven, because the proof stands in it. Its price is bounded by what a
 * genuine body needs, not by what a sender may send.
 */
import { LIMITS } from '../core/limits.ts';
import { hasMoreTokens } from './json-tokens.ts';

/** Whether a body is small enough, in bytes and in members, to be parsed for a stranger. */
export const isCheapToParse = (body: Uint8Array): boolean =>
  body.length <= LIMITS.unverifiedJsonBytesMax && !hasMoreTokens(body, LIMITS.unverifiedJsonTokensMax);
