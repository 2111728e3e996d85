/** Known answers out of providers' SDKs and real deliveries. They stand outside the project, beside it, or are not there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeUnless } from './describe-unless.ts';

export const VECTORS_FOLDER = join(import.meta.dirname, '../../../shared/vectors');
const WHY_NOT = existsSync(VECTORS_FOLDER) ? null : 'there is no folder shared/vectors beside the project';

/** A `describe` for tests that need the vectors. */
export const describeWithVectors = (title: string, define: () => void): void => describeUnless(WHY_NOT, title, define);
