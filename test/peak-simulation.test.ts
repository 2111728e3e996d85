/** The simulation of the AWS home against what is known exactly, and against itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COST_USD, PROVIDERS, TIMES } from '../bench/simulation/assumptions.ts';
import { AwsHome, type Weather } from '../bench/simulation/aws-home.ts';
import { drawScenario } from '../bench/simulation/chart.ts';
import { erlangB } from '../bench/simulation/closed-forms.ts';
import { AddressRate, TokenBucket } from '../bench/simulation/edge.ts';
import { Executions } from '../bench/simulation/executions.ts';
import { scenarioOf } from '../bench/simulation/own-scenario.ts';
import { Receiver } from '../bench/simulation/receiver.ts';
import { runScenario } from '../bench/simulation/run-scenario.ts';
import { SCENARIOS, type Scenario } from '../bench/simulation/scenarios.ts';
import { type Draws, seededDraws } from '../bench/simulation/seeded-draws.ts';
import { AS_DEPLOYED, plannedFor } from '../bench/simulation/stack-settings.ts';
import { TableCapacity } from '../bench/simulation/table-capacity.ts';
import { configSchemaOf } from '../src/config/schema.ts';
import { CONFIGURABLE_PROVIDERS } from '../src/providers/settings.ts';
import { runs } from './support/property-runs.ts';

const HOUR = 3600;
/** Of the sample's own standard errors. With fixed seeds a test either always holds or never does. */
const ERRORS_MAX = 4;

const meanAndError = (values: readonly number[]): { readonly mean: number; readonly error: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
};
const replicated = (count: number, of: (draws: Draws) => number) =>
  meanAndError(Array.from({ length: count }, (_, seed) => of(seededDraws(seed + 1))));
const expectWithin = ({ mean, error }: { mean: number; error: number }, expected: number): void => {
  expect(error).toBeGreaterThan(0);
  expect(Math.abs(mean - expected) / error).toBeLessThan(ERRORS_MAX);
};

describe('what a webhook costs', () => {
  it('is what the page of deployments says that the bench printed', () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/deploy.md'), 'utf8');
    const [, allIn] = /\| \*\*all in\*\* +\| \*\*(\d+\.\d\d)\*\* \|/.exec(page) ?? [];

    expect(Math.abs(COST_USD.webhook * 1e6 - Number(allIn))).toBeLessThan(0.05);
  });
});

describe('the draws', () => {
  it.each([
    [8, 0.3],
    [40, 0.9],
    [10_000, 0.2],
  ])('a binomial of %i and %f has its mean and its variance', (count, probability) => {
    const draws = seededDraws(7);
    const values = Array.from({ length: 4000 }, () => draws.binomial(count, probability));
    const mean = count * probability;
    expectWithin(meanAndError(values), mean);
    expectWithin(meanAndError(values.map((value) => (value - mean) ** 2)), mean * (1 - probability));
    expect(values.every((value) => value >= 0 && value <= count)).toBe(true);
  });

  it.each([0.5, 12, 400])('a Poisson of %f has its mean and its variance', (mean) => {
    const draws = seededDraws(9);
    const values = Array.from({ length: 4000 }, () => draws.poisson(mean));
    expectWithin(meanAndError(values), mean);
    expectWithin(meanAndError(values.map((value) => (value - mean) ** 2)), mean);
  });
});

describe('executions, call by call', () => {
  const blockedPart = (draws: Draws, seconds: () => number): number => {
    const executions = new Executions({ executionsMax: 10, provisioned: 10 });
    let [at, throttled] = [0, 0];
    for (let call = 0; call < 6000; call += 1) {
      at += draws.exponential(1 / 80);
      const { kind } = executions.call(at, { warm: seconds, cold: seconds });
      // The first are left out: it starts empty.
      if (call >= 1000 && kind === 'throttled') throttled += 1;
    }
    return throttled / 5000;
  };

  it('are throttled as often as Erlang B says, however long single calls take', () => {
    const expected = erlangB(8, 10);
    expectWithin(
      replicated(40, (draws) => blockedPart(draws, () => draws.exponential(0.1))),
      expected,
    );
    expectWithin(
      replicated(40, (draws) => blockedPart(draws, () => 0.1)),
      expected,
    );
  });

  it('are as many at a time as arrive in the time of one call (Little)', () => {
    const busy = (draws: Draws): number => {
      const executions = new Executions({ executionsMax: 1000, provisioned: 1000 });
      let [at, sum] = [0, 0];
      for (let call = 0; call < 3000; call += 1) {
        at += draws.exponential(1 / 100);
        // Arrivals at random see time averages.
        if (call >= 1000) sum += executions.busyAt(at);
        executions.call(at, { warm: () => draws.exponential(0.25), cold: () => 0 });
      }
      return sum / 2000;
    };
    expectWithin(replicated(40, busy), 25);
  });

  it('start cold once each, up to the cap, and not where they are provisioned', () => {
    const kinds = (provisioned: number): string[] => {
      const executions = new Executions({ executionsMax: 3, provisioned });
      const times = { warm: () => 1, cold: () => 2 };
      return [0, 0, 0, 0, 5, 5].map((at) => executions.call(at, times).kind);
    };
    expect(kinds(0)).toEqual(['cold', 'cold', 'cold', 'throttled', 'warm', 'warm']);
    expect(kinds(2)).toEqual(['warm', 'warm', 'cold', 'throttled', 'warm', 'warm']);
  });
});

describe('Erlang B', () => {
  it('gives the values of the tables', () => {
    expect(erlangB(1, 1)).toBeCloseTo(1 / 2, 12);
    expect(erlangB(2, 2)).toBeCloseTo(2 / 5, 12);
    expect(erlangB(100, 100)).toBeCloseTo(0.0757, 4);
    expect(erlangB(0, 5)).toBe(0);
  });
});

describe('a second of the receiver', () => {
  it('is the same by formula as call by call, once the load is steady', () => {
    const open = () => new TokenBucket(1e6, 1e6);
    const settings = { ...AS_DEPLOYED, provisioned: 100 };
    const throttled = (draws: Draws): number => {
      const receiver = new Receiver(settings, draws);
      const seconds = [0, 1, 2, 3, 4, 5].map((second) => receiver.callByCall(second, draws.poisson(1000), open(), 0.1));
      return seconds.slice(1).reduce((sum, each) => sum + each.throttledByLambda, 0) / 5;
    };
    const steady = replicated(
      400,
      (draws) => new Receiver(settings, draws).steady(0, 1000, open(), 0.1).throttledByLambda,
    );
    const called = replicated(40, throttled);
    expectWithin({ mean: called.mean, error: Math.hypot(called.error, steady.error) }, steady.mean);
  });
});

describe('the edge', () => {
  it('lets through the burst and then the rate, never more', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { minLength: 1, maxLength: 40 }), (requests) => {
        const bucket = new TokenBucket(100, 200);
        let passed = 0;
        for (const [second, count] of requests.entries()) passed += bucket.takeSpread(second, count);
        const sent = requests.reduce((sum, count) => sum + count, 0);
        expect(passed).toBeLessThanOrEqual(Math.min(sent, 200 + 100 * requests.length));
      }),
      runs(100),
    );
    const bucket = new TokenBucket(100, 200);
    expect([0, 1, 2].map((second) => bucket.takeSpread(second, 1000))).toEqual([300, 100, 100]);
  });

  it('refuses an address for as long as it sends more than its rate, and no longer', () => {
    const rate = new AddressRate(10, 1);
    expect(rate.pass(0, 600)).toBe(600);
    expect(rate.pass(1, 50)).toBe(0);
    expect(rate.pass(60, 50)).toBe(50);
  });
});

describe('an on-demand table', () => {
  it('takes double of its peak half an hour later, not sooner', () => {
    const table = new TableCapacity(4000);
    const granted = Array.from({ length: 1801 }, (_, second) => table.grant(second, 7600));
    expect(granted[0]).toBeCloseTo(0.5, 12);
    expect(granted[1799]).toBeCloseTo(0.5, 12);
    expect(granted[1800]).toBeCloseTo(0.95, 12);
  });
});

describe('what the stack is taken to be deployed with', () => {
  it('is what the configuration has by default', () => {
    const { edge, aws } = configSchemaOf(CONFIGURABLE_PROVIDERS).parse({});
    expect(AS_DEPLOYED).toMatchObject({
      requestsPerSecond: edge.requestsPerSecond,
      requestsBurst: edge.requestsBurst,
      perPublishedAddress: aws.requestsPerSecondPerProviderAddress,
      provisioned: aws.provisionedConcurrency,
    });
    expect(aws.reservedConcurrency).toMatchObject({
      receiver: AS_DEPLOYED.receiversMax,
      processor: AS_DEPLOYED.processorsMax + 1,
    });
  });
});

describe('the retries of providers', () => {
  it('are as many and last as long as they document', () => {
    const horizon = (name: string) => {
      const steps = PROVIDERS.find((provider) => provider.name === name)!.retryAfterSeconds;
      return { times: steps.length, hours: steps.reduce((sum, seconds) => sum + seconds, 0) / HOUR };
    };
    expect(horizon('square').times).toBe(11);
    expect(horizon('square').hours).toBeCloseTo(24, 0);
    expect(horizon('paypal').times).toBe(25);
    expect(horizon('paypal').hours).toBeLessThanOrEqual(72);
    expect(horizon('stripe').hours).toBeLessThanOrEqual(72);
    expect(PROVIDERS.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });
});

describe('the AWS home', () => {
  const inside = (home: AwsHome): number =>
    home.totals.processed + home.retries.givenUp + home.retries.waiting + home.work.ready + home.work.resting;

  it('has each webhook in one place at every second, whatever breaks', () => {
    const second = fc.record({
      arrivals: fc.nat(3000),
      isDownstreamOut: fc.boolean(),
      isDynamodbBrown: fc.boolean(),
    });
    const settings = fc.record({
      requestsPerSecond: fc.integer({ min: 1, max: 3000 }),
      perOtherAddress: fc.integer({ min: 1, max: 200 }),
      receiversMax: fc.integer({ min: 1, max: 100 }),
      warmUnits: fc.record({
        webhooks: fc.integer({ min: 100, max: 9000 }),
        payments: fc.integer({ min: 100, max: 9000 }),
      }),
    });
    fc.assert(
      fc.property(fc.nat(), settings, fc.array(second, { minLength: 1, maxLength: 8 }), (seed, changed, weathers) => {
        const home = new AwsHome({ ...AS_DEPLOYED, ...changed }, seededDraws(seed));
        for (let now = 0; now < 160; now += 1) {
          const weather = weathers[Math.floor(now / 20)] ?? weathers[0]!;
          const seen = home.second(now, weather, now % 20 === 0);
          const refused =
            seen.throttledByFirewall + seen.throttledByStage + seen.throttledByLambda + seen.throttledByTable;
          expect(seen.received + refused).toBe(seen.sent);
          expect(inside(home)).toBe(home.totals.arrived);
        }
      }),
      runs(50),
    );
  });

  it('holds as many webhooks as come in the time that they stay (Little)', () => {
    const home = new AwsHome(plannedFor(1000), seededDraws(3));
    const weather: Weather = { arrivals: 200, isDownstreamOut: true, isDynamodbBrown: false };
    let [waiting, stayed, rested] = [0, 0, 0];
    for (let now = 0; now < 600 || !home.isDone; now += 1) {
      const arrivals = now < 600 ? weather.arrivals : 0;
      const seen = home.second(now, { ...weather, arrivals, isDownstreamOut: now < 300 }, false);
      waiting += home.work.ready + home.work.resting;
      stayed += seen.secondsUntilProcessed - seen.processed * (TIMES.processorBatchSeconds + TIMES.handlersSeconds);
      rested += seen.rested;
    }
    expect(rested).toBeGreaterThan(0);
    // A webhook that rests is taken to have come at the beginning of its minute.
    expect(stayed).toBeGreaterThanOrEqual(waiting - 1);
    expect(stayed - waiting).toBeLessThan(60 * home.totals.received);
  });
});

describe('a run of a scenario', () => {
  const scenario = (changed: Partial<Scenario>): Scenario => ({ ...SCENARIOS[0]!, ...changed });
  const [asDeployed, planned] = SCENARIOS[0]!.runs as [Scenario['runs'][0], Scenario['runs'][0]];

  it('keeps what is promised for the first seconds of a peak, and a plan saves every refusal', () => {
    const [without, withPlan] = [asDeployed, planned].map((run) => runScenario(SCENARIOS[0]!, run)) as [
      ReturnType<typeof runScenario>,
      ReturnType<typeof runScenario>,
    ];
    expect([without.broken, withPlan.broken]).toEqual([[], []]);
    expect(without.firstSecondThrottled).toBeGreaterThan(0);
    expect(without.totals.throttled).toBeGreaterThan(0);
    expect(withPlan.totals.throttled).toBe(0);
  });

  it('is the same for the same seed, and another for another', () => {
    const short = scenario({ arrivalsEnd: 20, weatherAt: (second) => SCENARIOS[0]!.weatherAt(second < 20 ? 0 : 9999) });
    expect(runScenario(short, asDeployed)).toEqual(runScenario(short, asDeployed));
    expect(runScenario({ ...short, seed: 99 }, asDeployed).totals).not.toEqual(runScenario(short, asDeployed).totals);
  });

  it('is also that of the peak that a configuration plans, with the firewall as it is configured', () => {
    const planOf = (requestsPerSecondPerAddress: number) => {
      const aws = { peak: { webhooksPerSecond: 300, from: '2026-11-27T00:00:00Z', until: '2026-11-27T00:10:00Z' } };
      const config = configSchemaOf(CONFIGURABLE_PROVIDERS).parse({ aws, edge: { requestsPerSecondPerAddress } });
      return scenarioOf(config, aws.peak);
    };
    const [heldBack, open] = [10, 1000].map((rate) => {
      const own = planOf(rate);
      return runScenario(own, own.runs[0]!);
    }) as [ReturnType<typeof runScenario>, ReturnType<typeof runScenario>];

    expect(open.run.settings).toMatchObject({ requestsPerSecond: 1000, requestsBurst: 100, provisioned: 27 });
    expect([open.broken, heldBack.broken]).toEqual([[], []]);
    expect(open.totals.throttled).toBe(0);
    expect(heldBack.totals.throttled).toBeGreaterThan(0);
  });

  it('says what is lost when a brown-out outlasts every provider', () => {
    const forever = scenario({
      arrivalsEnd: 30,
      weatherAt: (second) => ({ arrivals: second < 30 ? 5 : 0, isDownstreamOut: false, isDynamodbBrown: true }),
    });
    const result = runScenario(forever, asDeployed);
    expect(result.lost).toBe(result.totals.arrived);
    expect(result.broken).toEqual([`${result.lost} lost: their providers gave up`]);
  });

  it('says what is late', () => {
    const result = runScenario(SCENARIOS[0]!, { ...planned, processedWithin: 1, processingP99Within: 0 });
    expect(result.broken).toHaveLength(2);
  });

  it('is drawn with a title, units, a legend and the scales of its neighbour', () => {
    const svg = drawScenario(
      SCENARIOS[0]!,
      SCENARIOS[0]!.runs.map((run) => runScenario(SCENARIOS[0]!, run)),
    );
    for (const words of [
      SCENARIOS[0]!.title,
      'cost so far, USD',
      'refused (429, 5xx)',
      'minutes since the first webhook',
    ]) {
      expect(svg).toContain(words);
    }
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    const labelsOfAxes = [...svg.matchAll(/text-anchor="end">([^<]+)</g)].map((match) => match[1]);
    expect(labelsOfAxes.length).toBeGreaterThan(0);
    // Both columns of the four panels, label by label.
    expect(labelsOfAxes.length % 2).toBe(0);
  });
});
