/** What was given up or waits for long, by cause, with the money at risk: as `payhook causes`. */
import { Hono } from 'hono';
import { LIMITS } from '../../core/limits.ts';
import type { AtRisk } from '../../operate/at-risk.ts';
import { type CausesQuery, createListCauses, stuckJson } from '../../operate/list-causes.ts';
import { timeText } from '../../operate/webhook-json.ts';
import type { AtRiskJson, CausesJson } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { moneyJson } from './page-json.ts';
import { causesQuery, read } from './queries.ts';

/** In a configuration of one mode only webhooks of that mode are looked at, unless another one is asked for. */
export const askCauses = async ({ home, config, choice }: ConsoleDeps, query: CausesQuery): Promise<CausesJson> => {
  // A page of an index on AWS is asked of each of its partitions: small ones are many questions.
  const list = createListCauses(home, choice.kind === 'local' ? LIMITS.causesAtOnceMax : LIMITS.listLimitMax);
  const { groups, total, scannedUntil } = await list({ mode: config.mode ?? undefined, ...query });
  return {
    causes: groups.map((group) => ({
      cause: group.cause,
      ...atRiskJson(group),
      firstAt: timeText(group.firstAt),
      lastAt: timeText(group.lastAt),
    })),
    total: stuckJson(total),
    scannedUntil: scannedUntil === null ? null : timeText(scannedUntil),
  };
};

export const causeRoutes = (deps: ConsoleDeps) =>
  new Hono().get('/', async (context) => {
    const query = read(causesQuery(deps.home.clock.now()), context.req.query());
    return context.json(await askCauses(deps, query));
  });

const atRiskJson = ({ webhooks, payments, money, withoutAmount }: AtRisk): AtRiskJson => ({
  webhooks,
  payments,
  money: money.map(moneyJson),
  withoutAmount,
});
