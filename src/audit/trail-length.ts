/** How long a trail is, without reading it. */
import type { AuditReader } from './audit-log.ts';

/** The entries that are there now: what had its time, and was removed, is not counted. */
export const trailLength = async (auditLog: Pick<AuditReader, 'latest' | 'start'>): Promise<number> => {
  const [[newest], start] = await Promise.all([auditLog.latest(1), auditLog.start()]);
  return (newest?.position ?? 0) - (start?.lastPosition ?? 0);
};
