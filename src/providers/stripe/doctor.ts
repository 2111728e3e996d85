/** What goes wrong with Stripe's deliveries, and how it writes them. */
import { readJson } from '../../core/read-json.ts';
import type { ProviderDoctor } from '../../doctor/what-if.ts';
import { objectOf } from '../read-fields.ts';

/** 32 characters in the dashboard, more on the command line. */
const SECRET_CHARS_MIN = 'whsec_'.length + 32;

export const stripeDoctor: ProviderDoctor = {
  // Events and all objects in them begin so, and go on by the alphabet.
  keysFirst: ['id', 'object'],
  secretPrefix: 'whsec_',
  isWholeSecret: (value) => value.length >= SECRET_CHARS_MIN,
  modeSaid: ({ body }) => {
    const read = readJson(body);
    const { livemode } = objectOf(read.outcome === 'read' ? read.value : undefined);
    if (typeof livemode !== 'boolean') return null;
    return livemode ? 'live' : 'test';
  },
};
