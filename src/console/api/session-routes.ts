/** Coming in with the one-time token of a link, and going out. */
import { Hono } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { LIMITS } from '../../core/limits.ts';
import { WEBHOOK_STATUSES } from '../../core/status.ts';
import { timeText } from '../../operate/webhook-json.ts';
import { PAYMENT_STATUSES } from '../../payments/payment.ts';
import type { SessionJson } from '../api-types.ts';
import { whyNot } from '../roles.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, refusal } from './guard.ts';
import { loginBody, read } from './queries.ts';
import type { Sessions } from './sessions.ts';

/** Cookies are shared between the ports of a machine. `__Host-` would need TLS. */
export const cookieOf = (port: number): string => `payhook-console-${port}`;

const COOKIE = { httpOnly: true, sameSite: 'Strict', path: '/' } as const;

/** Asked without a session. */
export const loginRoutes = ({ port }: ConsoleDeps, sessions: Sessions) =>
  new Hono().post('/', async (context) => {
    const { token } = read(loginBody, await bodyOf(context));
    const login = sessions.login(token);
    switch (login.outcome) {
      case 'begun':
        setCookie(context, cookieOf(port), login.id, COOKIE);
        return context.json({});
      case 'wrong':
        return refusal(
          context,
          401,
          'link_used',
          'this link was used, or is older than two minutes: press Enter where payhook console runs, and open the new one',
        );
      case 'too_many':
        return refusal(context, 429, 'too_many_logins', 'too many links were wrong: wait a minute');
      default:
        return login satisfies never;
    }
  });

export const sessionRoutes = (deps: ConsoleDeps, sessions: Sessions) =>
  new Hono<ConsoleEnv>()
    .get('/session', (context) => {
      const { csrf, endsAt } = context.get('session');
      return context.json<SessionJson>({
        operator: deps.home.operator.id,
        role: deps.role,
        mayPutBack: whyNot(deps.role, 'put_back') === null,
        csrf,
        home: deps.choice,
        mode: deps.config.mode ?? null,
        version: deps.version,
        providers: deps.providers.map(({ name, title, firstEventType }) => ({ name, title, firstEventType })),
        statuses: { webhook: WEBHOOK_STATUSES, payment: PAYMENT_STATUSES },
        serverTime: timeText(deps.home.clock.now()),
        idleMsMax: LIMITS.consoleIdleMsMax,
        endsAt: timeText(endsAt),
      });
    })
    .post('/logout', (context) => {
      sessions.end(context.get('sessionId'));
      deleteCookie(context, cookieOf(deps.port), COOKIE);
      return context.json({});
    });
