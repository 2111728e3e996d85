/** What is to be said in the audit trail, with whatever a test wants different. */
import { type AuditDraft, HOME_CHAIN } from '../../src/audit/audit.ts';
import { NOW } from './clock.ts';

export const auditDraft = (overrides: Partial<AuditDraft> = {}): AuditDraft => ({
  chainId: HOME_CHAIN,
  at: NOW,
  actor: { type: 'component', id: 'server' },
  event: 'HOME_STARTED',
  outcome: 'success',
  reason: null,
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'home', id: 'local' },
  change: null,
  count: 1,
  ...overrides,
});
