/** Alerts and log lines kept in arrays, for tests and for trying things. Each keeps the newest entries only. */
import type { Alert, Alerts } from '../../core/ports/alerts.ts';
import type { LogFields, Logger } from '../../core/ports/logger.ts';

const KEPT_MAX = 10_000;

const keep = <Item>(items: Item[], item: Item): void => {
  items.push(item);
  if (items.length > KEPT_MAX) items.shift();
};

export const createMemoryAlerts = (): Alerts & { readonly raised: readonly Alert[] } => {
  const raised: Alert[] = [];
  return { raised, raise: (alert) => keep(raised, alert) };
};

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

export const createMemoryLogger = (): Logger & { readonly lines: readonly LogLine[] } => {
  const lines: LogLine[] = [];
  const write = (level: LogLine['level']) => (event: string, fields: LogFields) =>
    keep(lines, { level, event, fields });
  return { lines, info: write('info'), warn: write('warn'), error: write('error') };
};
