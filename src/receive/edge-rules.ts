/** What an edge refuses without looking at the body; the same in both homes, because the table of answers is. */
import { LIMITS } from '../core/limits.ts';
import type { RefusalReason } from './turned-away.ts';

/** What the edge of a home knows of a request before its body. */
export interface RequestFacts {
  readonly method: string;
  /** What stands in the path after `/webhook/`; undefined when the path is another one. */
  readonly pathProvider: string | undefined;
  readonly isProviderConfigured: boolean;
  /** Repeats counted. */
  readonly headersCount: number;
  /** One in any request that is clear about its host. */
  readonly hostsCount: number;
  readonly contentType: string | undefined;
  /** What the sender waits for before it sends the body. */
  readonly expectation: string | undefined;
}

const PROVIDER_NAME = /^[a-z][a-z0-9-]{0,39}$/;
/** JSON in all its names; providers that leave the header out, or empty, are taken at their word. */
const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

const CONTINUE = /^\s*100-continue\s*$/i;

/** The first thing that is wrong with the request, or undefined when its body may be read. */
export const refusalOf = (request: RequestFacts): RefusalReason | undefined => {
  if (request.hostsCount !== 1) return 'request_malformed';
  if (request.pathProvider === undefined) return 'provider_unknown';
  if (!PROVIDER_NAME.test(request.pathProvider)) return 'path_not_understood';
  if (request.method !== 'POST') return 'method_not_allowed';
  if (!request.isProviderConfigured) return 'provider_unknown';
  if (request.headersCount > LIMITS.headersCountMax) return 'headers_too_large';
  if (!isJson(request.contentType)) return 'content_type_not_supported';
  if (request.expectation !== undefined && !CONTINUE.test(request.expectation)) return 'expectation_not_supported';
  return undefined;
};

const isJson = (contentType: string | undefined): boolean =>
  contentType === undefined || contentType.trim() === '' || JSON_MEDIA_TYPE.test(contentType);
