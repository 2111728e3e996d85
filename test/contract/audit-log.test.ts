import { describeAuditLog } from './audit-log-contract.ts';
import { describeAuditedStore } from './audited-store-contract.ts';
import { HOMES } from './homes.ts';

for (const { name, open } of HOMES) {
  describeAuditLog(name, open);
  describeAuditedStore(name, open);
}
