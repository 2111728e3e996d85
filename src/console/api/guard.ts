/**
 * What every request has to pass before anything looks at it. Loopback is no boundary: any page in the same browser can send
 * requests to it, and a name that resolves to it makes them look like its own.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import type { Operators, Person } from '../../operators/operators.ts';
import { type Permission, type Role, whyNot } from '../../operators/roles.ts';
import type { Session, Sessions } from './sessions.ts';

export interface ConsoleEnv {
  Variables: { session: Session; sessionId: string; person: Person };
}

/** Nothing from elsewhere, no script that is not a file of ours, and no text that becomes one. */
export const headersOfAll = (): MiddlewareHandler =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      requireTrustedTypesFor: ["'script'"],
      trustedTypes: ["'none'"],
    },
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-origin',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: false,
    xFrameOptions: 'DENY',
    xXssProtection: false,
  });

export const refusal = (
  context: Context,
  status: 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 429,
  error: string,
  message: string,
) => context.json({ error, message }, status);

/** A name that resolves to this machine is not ours: DNS rebinding ends here. */
export const onlyKnownHosts =
  (hosts: readonly string[]): MiddlewareHandler =>
  async (context, next) => {
    const host = context.req.header('host') ?? '';
    if (!hosts.includes(host)) {
      return refusal(
        context,
        421,
        'host_unknown',
        `this console is at ${hosts[0]}, and was asked for under another name`,
      );
    }
    return next();
  };

/** Every browser of today says where a request comes from; what does not say so is none. */
export const onlyOwnPages = (): MiddlewareHandler => async (context, next) => {
  const site = context.req.header('sec-fetch-site');
  if (site !== 'same-origin' && site !== 'none') {
    return refusal(context, 403, 'site_refused', 'only the pages of this console may ask');
  }
  // A HEAD is taken for a GET whose body nobody reads: a stream would wait for that, and hold its place, for ever.
  if (context.req.method !== 'GET' && context.req.method !== 'POST')
    return refusal(context, 405, 'method_not_allowed', 'only GET and POST are answered here');
  if (context.req.method !== 'POST') return next();
  if (context.req.header('content-type')?.split(';', 1)[0] !== 'application/json') {
    return refusal(context, 415, 'not_json', 'what is sent has to be application/json');
  }
  return next();
};

const CSRF_HEADER = 'x-payhook-csrf';
/** Set by a page where it asks by itself. */
const BACKGROUND_HEADER = 'x-payhook-background';

/** In constant time, whatever their lengths. */
const isSame = (given: string, expected: string): boolean =>
  timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));

/** `roleOf`: as of now, null for whoever is no operator any more. */
export const onlyWithSession =
  (
    sessions: Sessions,
    cookie: string,
    roleOf: (operator: Session['operator']) => Role | null,
  ): MiddlewareHandler<ConsoleEnv> =>
  async (context, next) => {
    const sessionId = getCookie(context, cookie) ?? '';
    const session = sessions.find(sessionId, context.req.header(BACKGROUND_HEADER) === undefined);
    const role = session === undefined ? null : roleOf(session.operator);
    if (session === undefined || role === null) {
      return refusal(
        context,
        401,
        'session_ended',
        'there is no session, or it has ended: press Enter where payhook console runs, and open the new link',
      );
    }
    if (context.req.method === 'POST' && !isSame(context.req.header(CSRF_HEADER) ?? '', session.csrf)) {
      return refusal(context, 403, 'csrf_wrong', 'the page is from another session: load it again');
    }
    context.set('session', session);
    context.set('sessionId', sessionId);
    context.set('person', { operator: session.operator, role });
    return next();
  };

export const only =
  (operators: Pick<Operators, 'refuse'>, permission: Permission): MiddlewareHandler<ConsoleEnv> =>
  async (context, next) => {
    const person = context.get('person');
    // What is only looked at is asked for by pages too, again and again.
    const isTold = context.req.method === 'POST';
    const why = isTold ? await operators.refuse(person, permission) : whyNot(person.role, permission);
    return why === null ? next() : refusal(context, 403, 'not_allowed', why);
  };
