/** An id that cannot be kept as it came: too long, of odd characters, or looking like card data. */
import { hash as digestOf } from 'node:crypto';

/** The same for the same id, so that events of one object still meet, and an operator who has the id finds them. */
export const hashedId = (id: string): string => `sha256-${digestOf('sha256', id, 'hex')}`;
