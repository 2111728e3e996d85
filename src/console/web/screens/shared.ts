/**
 * What several files of screens have in common. Each of them imports all of it, so that it is one file more, and not one for
 * every few that have the same in common.
 */
import '../counted.ts';
import '../parts/audit-rows.tsx';
import '../parts/list.tsx';
import '../parts/operators.tsx';
import '../parts/reason-form.tsx';
import '../parts/secret-columns.tsx';
import '../read-lines.ts';
import '../use-state-here.ts';
import './webhooks.tsx';
