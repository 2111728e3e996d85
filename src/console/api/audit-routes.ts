/** The trail: its entries, whether it is whole, and who went through a day of it. As `payhook audit`. */
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { type AuditProgress, createCheckAudit } from '../../audit/check.ts';
import { createReviewDay, createSayReviewed, hasEnded, reviewsOf, yesterday } from '../../audit/review-day.ts';
import { trailLength } from '../../audit/trail-length.ts';
import { advisedProblems } from '../../audit/what-to-do.ts';
import { LIMITS } from '../../core/limits.ts';
import { auditCheckJson } from '../../operate/audit-check-json.ts';
import { createListAuditEntries } from '../../operate/list-audit-entries.ts';
import { dayInReviewJson, reviewedJson } from '../../operate/review-json.ts';
import { auditJson } from '../../operate/webhook-json.ts';
import { whyNot } from '../../operators/roles.ts';
import type { AuditJson, PageJson, ReviewedJson, ReviewJson, VerifiedJson, VerifyLine } from '../api-types.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only } from './guard.ts';
import { pageJson } from './page-json.ts';
import { auditQuery, read, reviewBody, reviewQuery } from './queries.ts';
import { toldOf } from './told-of.ts';
import { trailRoutes } from './trail-routes.ts';

const REVIEWS_SHOWN = 14;

/** A check that is under way. */
interface Verification {
  readonly verified: Promise<VerifiedJson>;
  /** As of now: the entries there were when it began, and how far it has come. */
  readonly progress: () => AuditProgress & { readonly of: number };
}

/** One at a time: each reads the whole trail. Whoever asks meanwhile is told of the same one. */
const createVerifyOnce = ({ home }: ConsoleDeps): (() => Promise<Verification>) => {
  const check = createCheckAudit(home);
  let underway: Promise<Verification> | undefined;
  const begin = async (): Promise<Verification> => {
    const of = await trailLength(home.auditLog);
    let progress: AuditProgress = { entries: 0, digests: 0 };
    const verified = check({
      onProgress: (now) => {
        progress = now;
      },
    }).then((result) => ({ ...auditCheckJson(result), problems: advisedProblems(result) }));
    return { verified, progress: () => ({ ...progress, of: Math.max(of, progress.entries) }) };
  };
  return () => {
    if (underway === undefined) {
      underway = begin();
      const end = (): void => {
        underway = undefined;
      };
      underway.then(({ verified }) => verified).then(end, end);
    }
    return underway;
  };
};

export const auditRoutes = (deps: ConsoleDeps) => {
  const { home, onBug } = deps;
  const verifyOnce = createVerifyOnce(deps);
  const list = createListAuditEntries(home);
  const review = createReviewDay(home);
  return new Hono<ConsoleEnv>()
    .use(only(home.operators, 'read_audit'))
    .route('/export', trailRoutes(deps))
    .get('/', async (context) => {
      const page = await list(read(auditQuery(home.clock.now()), context.req.query()));
      return context.json<PageJson<AuditJson>>(pageJson(page, page.items.map(auditJson)));
    })
    .get('/review', async (context) => {
      const { day = yesterday(home.clock.now()) } = read(reviewQuery, context.req.query());
      const why = whyNot(context.get('person').role, 'review_day');
      const [found, reviews] = await Promise.all([review(day), reviewsOf(home.auditLog)]);
      return context.json<ReviewJson>({
        ...dayInReviewJson(found),
        yesterday: yesterday(home.clock.now()),
        newest: reviews.slice(0, REVIEWS_SHOWN).map(reviewedJson),
        actions: hasEnded(day, home.clock.now()) ? [{ name: 'review', isAllowed: why === null, why }] : [],
      });
    })
    .post('/review', only(home.operators, 'review_day'), async (context) => {
      const { day, reason } = read(reviewBody, await bodyOf(context));
      const { operator } = context.get('person');
      return context.json<ReviewedJson>(reviewedJson(await createSayReviewed(home)(day, operator, reason ?? null)));
    })
    .post('/verify', async (context) => {
      const { verified, progress } = await verifyOnce();
      context.header('Content-Type', 'application/x-ndjson');
      return stream(context, async (out) => {
        const say = (line: VerifyLine) => out.write(`${JSON.stringify(line)}\n`);
        let isOver = false;
        const over = verified.then(
          (result): VerifyLine => ({ verified: result }),
          (error: unknown): VerifyLine => ({ failed: toldOf(error, onBug) }),
        );
        const ended = over.finally(() => {
          isOver = true;
        });
        while (!isOver && !out.aborted) {
          await say({ progress: progress() });
          await Promise.race([ended, out.sleep(LIMITS.consoleLookMs)]);
        }
        await say(await over);
      });
    });
};
