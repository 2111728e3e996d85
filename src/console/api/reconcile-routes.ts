/** What the providers hold, against the payments here. As `payhook reconcile payments`: nothing is changed by what it finds. */
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { asJson } from '../../operate/as-json.ts';
import { amountOff, type ObjectDifference } from '../../reconcile/objects/object-report.ts';
import type { CheckLine, DifferenceJson } from '../api-types.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, refusal } from './guard.ts';
import { checkPaymentsBody, read } from './queries.ts';
import { toldOf } from './told-of.ts';

const TIMES: ReadonlySet<string> = new Set(['at']);

const differenceJson = (one: ObjectDifference): DifferenceJson =>
  asJson({ ...one, off: amountOff(one) }, TIMES) as DifferenceJson;

export const reconcileRoutes = ({ home, onBug, checkPayments }: ConsoleDeps) => {
  /** One at a time: providers count what they are asked. */
  let isUnderway = false;

  return new Hono<ConsoleEnv>().post('/payments', async (context) => {
    const { provider, since } = read(checkPaymentsBody(home.clock.now()), await bodyOf(context));
    if (isUnderway) {
      return refusal(
        context,
        429,
        'check_underway',
        'the providers are being asked already: wait until that has ended',
      );
    }
    isUnderway = true;
    context.header('Content-Type', 'application/x-ndjson');
    return stream(context, async (out) => {
      const say = (line: CheckLine) => out.write(`${JSON.stringify(line)}\n`);
      try {
        const { reports, summary } = await checkPayments({
          provider,
          since,
          tell: (said) => void say({ said }),
          onPage: ({ source, list, listed, differing }) => void say({ progress: { source, list, listed, differing } }),
        });
        const differences = reports.flatMap((report) => report.differences.map(differenceJson));
        await say({ checked: { differences, summary } });
      } catch (error) {
        await say({ failed: toldOf(error, onBug) });
      } finally {
        isUnderway = false;
      }
    });
  });
};
