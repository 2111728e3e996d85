/**
 * How every function starts. What all of them have is opened here; what only one needs is opened in its entry file, so that no
 * bundle carries it. Clients of the SDK are loaded when they are first used, so that no cold start waits for them in vain.
 */
import { createEmfMetrics, type EmfMetrics } from '../../adapters/aws/telemetry/emf-metrics.ts';
import { createSnsAlerts, type SnsAlerts } from '../../adapters/aws/telemetry/sns-alerts.ts';
import { createStdoutLogger } from '../../adapters/aws/telemetry/stdout-logger.ts';
import { traceCalls } from '../../adapters/aws/tracing/trace-calls.ts';
import { createTracer, type Tracer } from '../../adapters/aws/tracing/tracer.ts';
import { createXrayDaemon, readDaemonAddress } from '../../adapters/aws/tracing/xray-daemon.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../adapters/system/system-randomness.ts';
import type { BakedSettings } from '../../config/baked-settings.ts';
import {
  type FunctionEnvironment,
  type FunctionRole,
  readFunctionEnvironment,
} from '../../config/function-environment.ts';
import { asPayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import { type AwsCalls, openCalls } from './open-calls.ts';
import { snsLater } from './sdk-calls.ts';

/** What the bundle hands to a function: see `infra/deploy/build-functions.ts`. */
export interface StartInput {
  readonly settings: BakedSettings;
  /** What the user's handlers module exports; null when there is none, or the function calls none. */
  readonly handlersModule: Readonly<Record<string, unknown>> | null;
}

/** What every function has. */
export interface OpenedFunction<Role extends FunctionRole> extends AwsCalls {
  readonly environment: FunctionEnvironment<Role>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly metrics: EmfMetrics;
  readonly alerts: SnsAlerts;
  readonly tracer: Tracer;
}

/** What Lambda calls. */
type Handle = (event: never, invocation: never) => Promise<unknown>;

export interface FunctionOptions<Event> {
  /** Whether it was the caller, and not our rule, who said that this invocation is to be traced. @default never */
  readonly isTracedByCaller?: (event: Event) => boolean;
}

/**
 * Runs `compose`. What is wrong with the function is said once, at init, as one sentence in its log, and thrown on: Lambda
 * then reports an init error, and the function never takes an event.
 */
export const openFunction = async <Role extends FunctionRole, Handler extends Handle>(
  role: Role,
  env: Readonly<Record<string, string | undefined>>,
  compose: (opened: OpenedFunction<Role>) => Promise<Handler>,
  { isTracedByCaller = () => false }: FunctionOptions<Parameters<Handler>[0]> = {},
): Promise<(...input: Parameters<Handler>) => ReturnType<Handler>> => {
  const clock = systemClock;
  const logger = createStdoutLogger({ clock });
  try {
    const environment = readFunctionEnvironment(role, env);
    const { PAYHOOK_ENVIRONMENT_SUFFIX: environmentSuffix, PAYHOOK_ALERT_TOPIC_ARN: topicArn } = environment;
    const metrics = createEmfMetrics({ clock, environmentSuffix });
    const randomness = createSystemRandomness(clock);
    const daemonAddress = readDaemonAddress(env.AWS_XRAY_DAEMON_ADDRESS);
    const daemon = daemonAddress === undefined ? undefined : createXrayDaemon(daemonAddress);
    const tracer = createTracer({ clock, randomness, daemon });
    const sns = traceCalls(tracer, 'SNS', snsLater);
    const handle = await compose({
      environment,
      clock,
      randomness,
      logger,
      metrics,
      alerts: createSnsAlerts({ client: sns, topicArn, clock, logger, metrics }),
      tracer,
      ...openCalls({ env, clock, randomness, tracer }),
    });
    const handleAndTell = async (...input: Parameters<Handler>): Promise<unknown> => {
      try {
        return await handle(...(input as unknown as [never, never]));
      } finally {
        metrics.flush();
      }
    };
    // Lambda changes the variable with each invocation.
    return (...input) =>
      tracer.invocation(env._X_AMZN_TRACE_ID, isTracedByCaller(input[0]), () =>
        handleAndTell(...input),
      ) as ReturnType<Handler>;
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    logger.error('function.not_started', { code, message });
    throw thrown;
  }
};
