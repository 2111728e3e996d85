/** Coming in with the one-time token of a link, and going out. */
import { Hono } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { AUDIT_EVENTS } from '../../audit/audit.ts';
import { LIMITS } from '../../core/limits.ts';
import { REJECTION_REASONS } from '../../core/ports/provider.ts';
import { WEBHOOK_STATUSES } from '../../core/status.ts';
import type { Actor } from '../../core/webhook.ts';
import type { OperatorHome } from '../../homes/operator-home.ts';
import { PAYMENT_TRAITS } from '../../operate/list-payments.ts';
import { timeText } from '../../operate/webhook-json.ts';
import { entryForOperator } from '../../operators/operator-entry.ts';
import type { SignInOutcome } from '../../operators/operators.ts';
import { whyNot } from '../../operators/roles.ts';
import { PAYMENT_STATUSES } from '../../payments/payment.ts';
import type { AdmittedJson, SessionJson, WaitJson } from '../api-types.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, refusal } from './guard.ts';
import { loginBody, read, ticketBody } from './queries.ts';
import type { Sessions } from './sessions.ts';
import type { WaitingBrowsers } from './waiting-browsers.ts';

/** Cookies are shared between the ports of a machine. `__Host-` would need TLS. */
export const cookieOf = (port: number): string => `payhook-console-${port}`;

const COOKIE = { httpOnly: true, sameSite: 'Strict', path: '/' } as const;

type IdentifyOutcome =
  | { readonly outcome: 'in'; readonly operator: Actor }
  | { readonly outcome: 'operator_needed' }
  | { readonly outcome: 'not_them' }
  | Extract<SignInOutcome, { readonly outcome: 'locked' }>;

/** Who is let in with a link. Where no operators are defined that is whoever has the link. */
const identify = async (
  { operators, auditLog, clock }: OperatorHome,
  name: string | undefined,
  passphrase: string | undefined,
): Promise<IdentifyOutcome> => {
  if (!operators.areDefined()) return { outcome: 'in', operator: operators.user };
  if (name === undefined || passphrase === undefined) return { outcome: 'operator_needed' };
  const signedIn = await operators.signIn(name, passphrase);
  if (signedIn.outcome === 'wrong') return { outcome: 'not_them' };
  if (signedIn.outcome === 'locked') return signedIn;
  const { operator, role } = signedIn.person;
  const told = { event: 'OPERATOR_SIGNED_IN', at: clock.now(), actor: operator, name: operator.id } as const;
  await auditLog.append([entryForOperator({ ...told, reason: null, change: { from: null, to: role } })]);
  return { outcome: 'in', operator };
};

/** Asked without a session. */
export const loginRoutes = ({ port, home }: ConsoleDeps, sessions: Sessions, waiting: WaitingBrowsers) =>
  new Hono()
    .post('/wait', (context) => context.json<WaitJson>(waiting.add()))
    .post('/ask', async (context) => {
      const { ticket } = read(ticketBody, await bodyOf(context));
      return context.json<AdmittedJson>(waiting.ask(ticket));
    })
    .post('/', async (context) => {
      const { token, name, passphrase } = read(loginBody, await bodyOf(context));
      const link = sessions.look(token);
      const who = link.outcome === 'good' ? await identify(home, name, passphrase) : link;
      // One who is named is in the trail before there is a session.
      const login = who.outcome === 'in' ? sessions.login(token, who.operator) : who;
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
        case 'operator_needed':
          return refusal(context, 401, 'operator_needed', 'say who you are: operators are defined here');
        case 'not_them':
          return refusal(context, 401, 'passphrase_wrong', 'that is not the name and the passphrase of an operator');
        case 'locked':
          return refusal(
            context,
            429,
            'operator_locked',
            `too many passphrases of this name were wrong: none is taken until ${timeText(login.until)}`,
          );
        default:
          return login satisfies never;
      }
    });

export const sessionRoutes = (deps: ConsoleDeps, sessions: Sessions) =>
  new Hono<ConsoleEnv>()
    .get('/session', (context) => {
      const { csrf, endsAt } = context.get('session');
      const { operator, role } = context.get('person');
      return context.json<SessionJson>({
        operator: operator.id,
        role,
        mayPutBack: whyNot(role, 'put_back') === null,
        whyNoTrail: whyNot(role, 'read_audit'),
        destinations: Object.keys(deps.config.destinations),
        csrf,
        home: deps.choice,
        mode: deps.config.mode ?? null,
        version: deps.version,
        providers: deps.providers.map(({ name, title, firstEventType }) => ({ name, title, firstEventType })),
        statuses: { webhook: WEBHOOK_STATUSES, payment: PAYMENT_STATUSES },
        paymentTraits: PAYMENT_TRAITS,
        rejectionReasons: REJECTION_REASONS,
        auditEvents: AUDIT_EVENTS,
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
