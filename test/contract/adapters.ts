/** Every port that has a suite, with the adapters that the tests beside this file run it against. */
import { ALERTS } from './alerts-adapters.ts';
import { CERTIFICATE_SOURCES } from './certificate-source-adapters.ts';
import { CLOCKS, RANDOMNESS } from './clock-and-randomness-adapters.ts';
import { DATA_KEY_SOURCES } from './data-key-source-adapters.ts';
import { DIGEST_ANCHORS, DIGEST_SIGNERS } from './digest-key-adapters.ts';
import { HOMES } from './homes.ts';
import { LEGAL_HOLDS } from './legal-holds-adapters.ts';
import { LOGGERS } from './logger-adapters.ts';
import { METRICS } from './metrics-adapters.ts';
import { PROVIDER_ENDPOINTS } from './provider-endpoints-adapters.ts';
import { PROVIDER_EVENTS } from './provider-events-adapters.ts';
import { PROVIDER_OBJECTS } from './provider-objects-adapters.ts';
import { SECRET_SOURCES } from './secret-source-adapters.ts';
import {
  DESTINATION_QUEUES,
  JOB_STORES,
  PAYMENT_STORES,
  RECONCILE_CHECKPOINTS,
  REJECTED_BOXES,
  SILENCE_RECORDS,
} from './state-adapters.ts';
import { WAITING_WEBHOOKS } from './waiting-webhooks-adapters.ts';

/** By the name of the port's file. */
export const ADAPTERS = {
  alerts: ALERTS,
  'audit-log': HOMES,
  'certificate-source': CERTIFICATE_SOURCES,
  clock: CLOCKS,
  'data-key-source': DATA_KEY_SOURCES,
  'destination-queue': DESTINATION_QUEUES,
  'digest-anchor': DIGEST_ANCHORS,
  'digest-signer': DIGEST_SIGNERS,
  'job-store': JOB_STORES,
  'legal-holds': LEGAL_HOLDS,
  logger: LOGGERS,
  metrics: METRICS,
  'payment-store': PAYMENT_STORES,
  'provider-endpoints': PROVIDER_ENDPOINTS,
  'provider-events': PROVIDER_EVENTS,
  'provider-objects': PROVIDER_OBJECTS,
  queue: HOMES,
  randomness: RANDOMNESS,
  'reconcile-checkpoints': RECONCILE_CHECKPOINTS,
  'rejected-box': REJECTED_BOXES,
  'secret-source': SECRET_SOURCES,
  'silence-records': SILENCE_RECORDS,
  'waiting-webhooks': WAITING_WEBHOOKS,
  'webhook-store': HOMES,
} as const;
