/**
 * The console as a function from request to answer: the same over every home. Nothing here decides what a list or an action
 * means: that is what the command line calls too.
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { matchedRoutes } from 'hono/route';
import { maskCardData } from '../../core/card-data/card-data.ts';
import { type ErrorCode, PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { printableLines } from '../../core/printable.ts';
import type { Actor } from '../../core/webhook.ts';
import type { Role } from '../../operators/roles.ts';
import type { ErrorJson } from '../api-types.ts';
import { activityRoutes } from './activity-routes.ts';
import { approvalRoutes } from './approval-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { causeRoutes } from './cause-routes.ts';
import { clientRoutes } from './client-routes.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { destinationRoutes } from './destination-routes.ts';
import { evidenceRoutes } from './evidence-routes.ts';
import { exportRoutes } from './export-routes.ts';
import { findRoutes } from './find-routes.ts';
import { type ConsoleEnv, headersOfAll, onlyKnownHosts, onlyOwnPages, onlyWithSession, refusal } from './guard.ts';
import { hintRoutes } from './hint-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { overviewRoutes } from './overview-routes.ts';
import { paymentRoutes } from './payment-routes.ts';
import { reconcileRoutes } from './reconcile-routes.ts';
import { cookieOf, loginRoutes, sessionRoutes } from './session-routes.ts';
import type { Sessions } from './sessions.ts';
import { settingsRoutes } from './settings-routes.ts';
import { toldOf } from './told-of.ts';
import type { WaitingBrowsers } from './waiting-browsers.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** By it a page learns that it is of another release than whoever answers. */
const VERSION_HEADER = 'X-Payhook-Version';

const hostsOf = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];

const roleNow = ({ home: { operators }, role }: ConsoleDeps, operator: Actor): Role | null => {
  if (operators.areDefined()) return operators.roleOf(operator);
  return operator.id === operators.user.id ? role : null;
};

export const createConsoleApp = (deps: ConsoleDeps, sessions: Sessions, waiting: WaitingBrowsers) => {
  const api = new Hono<ConsoleEnv>()
    .use(async (context, next) => {
      await next();
      context.header('Cache-Control', 'no-store');
    })
    .use(onlyOwnPages())
    .use(
      bodyLimit({
        maxSize: LIMITS.consoleBodyBytesMax,
        onError: (context) => refusal(context, 413, 'too_large', 'what was sent is too large'),
      }),
    )
    .route('/login', loginRoutes(deps, sessions, waiting))
    .use(onlyWithSession(sessions, cookieOf(deps.port), (operator) => roleNow(deps, operator)))
    .use(async (context, next) => {
      await next();
      context.header(VERSION_HEADER, deps.version);
    })
    .route('/', sessionRoutes(deps, sessions))
    .route('/overview', overviewRoutes(deps))
    .route('/activity', activityRoutes(deps))
    .route('/webhooks', webhookRoutes(deps))
    .route('/payments', paymentRoutes(deps))
    .route('/reconcile', reconcileRoutes(deps))
    .route('/causes', causeRoutes(deps))
    .route('/find', findRoutes(deps))
    .route('/destinations', destinationRoutes(deps))
    .route('/settings', settingsRoutes(deps))
    .route('/audit', auditRoutes(deps))
    .route('/evidence', evidenceRoutes(deps))
    .route('/deliveries', deliveryRoutes(deps))
    .route('/jobs', jobRoutes(deps))
    .route('/export', exportRoutes(deps))
    .route('/hints', hintRoutes(deps, sessions))
    .route('/approvals', approvalRoutes(deps))
    .all('*', (context) => refusal(context, 404, 'not_found', 'there is nothing here'));

  return new Hono()
    .use(async (context, next) => {
      const elapsed = deps.home.clock.stopwatch();
      await next();
      const { req, res } = context;
      deps.onRequest({
        method: req.method,
        route: matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'))?.path ?? 'none',
        status: res.status,
        durationMs: Math.round(elapsed() * 1000),
      });
    })
    .use(headersOfAll())
    .use(onlyKnownHosts(hostsOf(deps.port)))
    .route('/api', api)
    .route('/', clientRoutes(deps.client))
    .onError((error, context) => {
      const { error: code, message } = toldOf(error, deps.onBug);
      const body: ErrorJson = { error: code, message: printableLines(maskCardData(message)) };
      return context.json(body, error instanceof PayhookError ? statusOf(error.code) : 500, {
        'Cache-Control': 'no-store',
      });
    });
};

const STATUS_OF = {
  not_found: 404,
  usage_wrong: 400,
  not_allowed: 403,
  internal: 500,
  configuration_invalid: 500,
} as const;
type Told = keyof typeof STATUS_OF;

/** What is down or damaged is not the fault of who asks. */
const statusOf = (code: ErrorCode): 400 | 403 | 404 | 500 | 503 => (code in STATUS_OF ? STATUS_OF[code as Told] : 503);
