/** `payhook send scenario`: plays whole lives of payments, signed as their providers would, and shows what came of them. */
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import { PayhookError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import { providerNamed } from '../providers/providers.ts';
import { detailDraw } from '../samples/sample-draw.ts';
import { deliveryOrder } from '../samples/scenarios/delivery-order.ts';
import type { Scenario, ScenarioPayment, ScenarioWebhook } from '../samples/scenarios/scenario.ts';
import { paymentsOf, SCENARIOS, scenarioNamed } from '../samples/scenarios/scenarios.ts';
import { createSeededRandomness } from '../samples/scenarios/seeded-randomness.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { counted } from './counted.ts';
import { postDelivery, targetUrl } from './post-delivery.ts';
import { type PostedDelivery, postGroups } from './post-groups.ts';
import type { ExitCode } from './report-failure.ts';
import { showScenarioOutcome } from './scenario-outcome.ts';
import { createSign, type Sign } from './sign-delivery.ts';
import { tableLines } from './table.ts';

export interface SendScenarioOptions {
  /** All webhooks of all payments mixed. */
  readonly shuffle?: boolean;
  /** Each webhook twice, apart from each other. */
  readonly duplicate?: boolean;
  /** Decides the order of `shuffle`; the payments are new ones every time. @default drawn, and shown */
  readonly seed?: number;
  /** 1 to `SCENARIO_PAYMENTS_MAX`. @default each life of the scenario once */
  readonly count?: number;
  readonly url: string;
  readonly json?: boolean;
  /** Told what is about to be sent: for whoever has to know the payments first, as a shop knows its orders. */
  readonly beforeSending?: (payments: readonly ScenarioPayment[]) => void;
}

/**
 * Without a name lists the scenarios. Exit 0 when every delivery was taken and, as far as this machine has the payments,
 * each came out as planned.
 */
export const sendScenario = async (
  context: CommandContext,
  name: string | undefined,
  options: SendScenarioOptions,
): Promise<ExitCode> => {
  if (name === undefined) return listScenarios(context, options.json === true);
  const scenario = findScenario(name);
  const settings = await loadSettings(context);
  const randomness = createSystemRandomness(context.clock);
  const input = {
    key: randomness.id(),
    now: context.clock.now(),
    settingsOf: (provider: string) => settings.providerSettings.get(provider),
  };
  const payments = paymentsOf(scenario, input, options.count);
  const signs = new Map<string, Sign>();
  for (const provider of new Set(payments.map((payment) => payment.provider))) {
    signs.set(provider, await createSign(context, settings, knownProvider(provider)));
  }
  const seed = options.seed ?? detailDraw({ randomness }).integer(1, 999_999);
  announce(context, scenario, payments, options, seed);
  options.beforeSending?.(payments);

  const order = deliveryOrder(
    payments.map(({ webhooks }) => webhooks),
    {
      isShuffled: options.shuffle === true,
      isDuplicated: options.duplicate === true,
      draw: detailDraw({ randomness: createSeededRandomness(String(seed)) }),
    },
  );
  const startedAt = performance.now();
  const posted = await postGroups(order, ({ provider, body }: ScenarioWebhook) => {
    const sign = signs.get(provider);
    if (sign === undefined) throw new TypeError(`nothing to sign with for ${provider}`);
    return postDelivery(targetUrl(options.url, provider), sign(body));
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const isTaken = reportAnswers(context, posted, seconds, options.json === true);
  const webhookIds = posted.flatMap(({ answer }) => answer.webhookId ?? []);
  const isAsPlanned = await showScenarioOutcome(context, settings, {
    scenario: scenario.name,
    payments,
    webhookIds: [...new Set(webhookIds)],
    isJson: options.json === true,
  });
  return isTaken && isAsPlanned ? 0 : 1;
};

const listScenarios = (context: CommandContext, isJson: boolean): ExitCode => {
  if (isJson) for (const { name, summary } of SCENARIOS) context.print(JSON.stringify({ name, summary }));
  else {
    const rows = SCENARIOS.map(({ name, summary }) => [name, summary]);
    for (const line of tableLines(['SCENARIO', 'WHAT HAPPENS'], rows, context.columns)) context.print(line);
  }
  return 0;
};

const findScenario = (name: string): Scenario => {
  const scenario = scenarioNamed(name);
  if (scenario !== undefined) return scenario;
  const meant = didYouMean(
    name,
    SCENARIOS.map((each) => each.name),
  );
  if (meant !== '') throw new PayhookError('usage_wrong', `there is no scenario ${name}: ${meant}`);
  const known = SCENARIOS.map((each) => `  ${each.name.padEnd(30)} ${each.summary}`);
  throw new PayhookError('usage_wrong', `there is no scenario ${name}; there are:\n${known.join('\n')}`);
};

const knownProvider = (name: string) => {
  const provider = providerNamed(name);
  if (provider === undefined) throw new TypeError(`a scenario tells of a provider that does not exist: ${name}`);
  return provider;
};

const announce = (
  context: CommandContext,
  scenario: Scenario,
  payments: readonly ScenarioPayment[],
  options: SendScenarioOptions,
  seed: number,
): void => {
  if (options.json === true) return;
  const webhooks = payments.reduce((sum, payment) => sum + payment.webhooks.length, 0);
  const how = [
    ...(options.duplicate === true ? ['each sent twice'] : []),
    ...(options.shuffle === true ? [`shuffled with --seed ${seed}`] : []),
  ];
  const what = [counted(payments.length, 'payment'), counted(webhooks, 'webhook'), ...how];
  context.print(`scenario    ${scenario.name}: ${what.join(', ')}`);
};

/** Whether every delivery was taken. */
const reportAnswers = (
  context: CommandContext,
  posted: readonly PostedDelivery<ScenarioWebhook>[],
  seconds: number,
  isJson: boolean,
): boolean => {
  const answers = new Map<string, number>();
  for (const { answer } of posted) {
    const text = answer.status ?? `${answer.httpStatus} ${answer.error ?? ''}`.trim();
    answers.set(text, (answers.get(text) ?? 0) + 1);
  }
  const counts = [...answers].map(([answer, count]) => `${count} ${answer}`).toSorted();
  if (!isJson) {
    const rate = `${seconds.toFixed(1)} s, ${Math.round(posted.length / seconds)}/s`;
    context.print(`sent        ${posted.length} deliveries in ${rate}: ${counts.join(', ')}`);
  }
  return posted.every(({ answer }) => answer.httpStatus === 200);
};
