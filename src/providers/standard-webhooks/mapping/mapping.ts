/** Events of any sender: what they mean for payments is known to the sender alone. A handler called `handle` reads them. */
import type { ProviderMapping } from '../../../payments/mapping.ts';

export const standardWebhooksMapping: ProviderMapping = {
  provider: 'standard-webhooks',
  catalogue: { source: 'each sender has its own', asOf: '2026-05' },
  leftOut: {},
  rows: [],
};
