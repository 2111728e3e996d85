/** What takes effect, and whether anything is wrong. As `payhook config`, `health`, `secrets status` and `operators list`. */
import { Hono } from 'hono';
import type { Health } from '../../homes/local/look-at-health.ts';
import type { StoredHealth } from '../../operate/look-at-stored.ts';
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
          health: healthJson(await lookAtHealth()),
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

const healthJson = (health: Health | StoredHealth): HealthJson => ({
  problems: health.problems,
  digestAt: health.lastDigest === null ? null : timeText(health.lastDigest.closedAt),
  machine:
    'disk' in health
      ? {
          isServerRunning: health.server.outcome === 'fresh',
          queueReady: health.queue.ready,
          queueWaiting: health.queue.waiting,
          databaseBytes: health.disk.databaseBytes + health.disk.logBytes,
          freeBytes: health.disk.freeBytes,
        }
      : null,
});
