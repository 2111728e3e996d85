/** What a check of the trail has found as JSON: the one place where it becomes it. Stable. */
import type { AuditCheck } from '../audit/check.ts';
import { timeText } from './webhook-json.ts';

export const auditCheckJson = (check: AuditCheck) => ({
  ...check,
  begins: check.begins === null ? null : { ...check.begins, removedAt: timeText(check.begins.removedAt) },
});
