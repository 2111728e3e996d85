/** What takes effect, and whether anything is wrong. As `payhook config` and `payhook health`. */
import { Hono } from 'hono';
import { timeText } from '../../operate/webhook-json.ts';
import type { HealthJson, SettingsJson } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';

export const settingsRoutes = ({ shownConfig, warnings, lookAtHealth }: ConsoleDeps) =>
  new Hono().get('/', async (context) =>
    context.json<SettingsJson>({
      config: shownConfig,
      warnings,
      health: lookAtHealth === null ? null : healthJson(await lookAtHealth()),
    }),
  );

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
