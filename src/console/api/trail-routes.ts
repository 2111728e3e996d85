/**
 * The trail as one file, with what checks it where no Payhook is. As `payhook audit export`. It is asked for by POST, because
 * that writes an entry of the trail; the link in the answer is what a browser downloads, as it comes.
 */
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { createExportTrail, exportedEntry } from '../../audit/export-trail.ts';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { timeText } from '../../operate/webhook-json.ts';
import type { DownloadJson } from '../api-types.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, refusal } from './guard.ts';
import { createOneTimeLinks } from './one-time-links.ts';
import { actionBody, read } from './queries.ts';
import { createZip } from './zip.ts';

/** Under whatever may read the trail. */
export const trailRoutes = (deps: ConsoleDeps) => {
  const { home, randomness } = deps;
  const links = createOneTimeLinks(home.clock, randomness);
  let isUnderway = false;

  return new Hono<ConsoleEnv>()
    .post('/', async (context) => {
      const { reason = null } = read(actionBody, await bodyOf(context));
      const [digest, start] = await Promise.all([home.auditLog.lastDigest(), home.auditLog.start()]);
      if (digest === undefined) {
        return refusal(
          context,
          409,
          'nothing_signed',
          'no digest signs anything yet: a server writes one every few seconds, on AWS every minute',
        );
      }
      if (digest.lastPosition - (start?.lastPosition ?? 0) > LIMITS.consoleTrailEntriesMax) {
        return refusal(
          context,
          409,
          'trail_too_long',
          `a trail of more than ${LIMITS.consoleTrailEntriesMax} entries is no download: payhook audit export writes it into a folder`,
        );
      }
      await home.auditLog.append([exportedEntry(context.get('person').operator, reason, home.clock.now())]);
      return context.json<DownloadJson>({ path: `/api/audit/export/${links.make(context.get('sessionId'))}` });
    })
    .get('/:link', (context) => {
      if (!links.take(context.req.param('link'), context.get('sessionId'))) {
        return refusal(context, 404, 'link_used', 'this link was used, or is too old: ask for the trail again');
      }
      if (isUnderway)
        return refusal(context, 429, 'too_many_exports', 'the trail is being taken along: wait for its end');
      isUnderway = true;
      const now = new Date(home.clock.now());
      context.header('Content-Type', 'application/zip');
      const day = timeText(now.getTime()).slice(0, 10);
      context.header('Content-Disposition', `attachment; filename="payhook-audit-trail-${day}.zip"`);
      return stream(context, async (out) => {
        try {
          await writeTrail(deps, out, now);
        } finally {
          isUnderway = false;
        }
      });
    });
};

/** Of the file that says so. Without a manifest the verifier beside it says that it is not whole, too. */
const UNFINISHED = 'UNFINISHED.txt';

const writeTrail = async (
  { home, onBug }: ConsoleDeps,
  out: { readonly aborted: boolean; write(bytes: Uint8Array): Promise<unknown> },
  now: Date,
): Promise<void> => {
  const zip = createZip(async (bytes) => {
    if (out.aborted) throw new PayhookError('usage_wrong', 'nobody takes it any more');
    await out.write(bytes);
  }, now);
  try {
    const { outcome } = await createExportTrail(home)(zip.append);
    if (outcome !== 'exported') await zip.append(UNFINISHED, 'retention removed some of it meanwhile: ask again\n');
  } catch (error) {
    if (out.aborted) return;
    // The status is sent already: the file itself says that it broke off.
    if (!(error instanceof PayhookError)) onBug(error);
    await zip.append(UNFINISHED, `not all of it: ${error instanceof PayhookError ? error.code : 'internal'}\n`);
  }
  await zip.end();
};
