/** What takes effect, and whether anything is wrong. As `payhook config`, `health`, `secrets status` and `operators list`. */
import { Hono } from 'hono';
import { secretUseJson } from '../../operate/secret-use-json.ts';
import { timeText } from '../../operate/webhook-json.ts';
import type { HealthJson, OperatorsJson, SecretUseJson, SettingsJson } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';

export const settingsRoutes = (deps: ConsoleDeps) => {
  const { home, choice, shownConfig, warnings, lookAtHealth, lookAtSecretUse, awsRoles } = deps;
  return (
    new Hono()
      .get('/', async (context) =>
        context.json<SettingsJson>({
          config: shownConfig,
          warnings,
          health: lookAtHealth === null ? null : healthJson(await lookAtHealth()),
        }),
      )
      // Apart: on AWS not everybody who may look at the rest may read secrets.
      .get('/secrets', async (context) =>
        context.json<readonly SecretUseJson[]>(secretUseJson(await lookAtSecretUse())),
      )
      .get('/operators', (context) =>
        context.json<OperatorsJson>({
          operators: home.operators.list().map((one) => ({ ...one, addedAt: timeText(one.addedAt) })),
          actsWithoutOperators: home.operators.areDefined() ? null : home.operators.user.id,
          awsRoles: choice.kind === 'aws' ? awsRoles : null,
        }),
      )
  );
};

const healthJson = ({
  server,
  queue,
  disk,
  lastDigest,
  problems,
}: Awaited<ReturnType<NonNullable<ConsoleDeps['lookAtHealth']>>>): HealthJson => ({
  problems,
  isServerRunning: server.outcome === 'fresh',
  queueReady: queue.ready,
  queueWaiting: queue.waiting,
  digestAt: lastDigest === null ? null : timeText(lastDigest.closedAt),
  databaseBytes: disk.databaseBytes + disk.logBytes,
  freeBytes: disk.freeBytes,
});
