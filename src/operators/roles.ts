/** Who may do what, in the console and on the command line. The server decides by this table; a page only mirrors it. */

export const ROLES = ['viewer', 'auditor', 'operator', 'approver'] as const;
export type Role = (typeof ROLES)[number];

/**
 * `look`: lists, details, payments and causes, none of which hold a payload. `put_back`: redrive, replay, resend, accept,
 * recover, as one or as a job. `approve`: decide on the job of somebody else. `look_after`: backups, keys, holds, the anchor.
 * `review_day`: say that a day was gone through; not for those whose own actions are part of it.
 */
export type Permission =
  | 'look'
  | 'read_audit'
  | 'review_day'
  | 'open_payload'
  | 'put_back'
  | 'approve'
  | 'look_after'
  | 'change_operators';

export const MAY = {
  look: ROLES,
  read_audit: ['auditor', 'operator', 'approver'],
  review_day: ['auditor'],
  open_payload: ['operator', 'approver'],
  put_back: ['operator', 'approver'],
  approve: ['approver'],
  look_after: ['operator', 'approver'],
  change_operators: ['approver'],
} as const satisfies Record<Permission, readonly Role[]>;

const isAllowed = (role: Role, permission: Permission): boolean => (MAY[permission] as readonly Role[]).includes(role);

/** `auditor, operator or approver`. */
const oneOf = (roles: readonly Role[]): string => roles.join(', ').replace(/, (?=[^,]*$)/, ' or ');

/** For whoever may not: `null` for whoever may. */
export const whyNot = (role: Role, permission: Permission): string | null =>
  isAllowed(role, permission) ? null : `the role ${role} may not do this: ${oneOf(MAY[permission])} may`;
