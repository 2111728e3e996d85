/** How tests talk to an emulator: no account, no retries that would hide what it answers, no keys that matter. */
import { AWS_REGION } from '../../../src/config/aws-names.ts';

/** Of a connection and of an answer: long, because a busy machine is slow, and no test of these waits for a time-out. */
const WAIT_MS_MAX = 20_000;

export const emulatorClientOptions = (endpoint: string) => ({
  endpoint,
  region: AWS_REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: WAIT_MS_MAX,
    requestTimeout: WAIT_MS_MAX,
    throwOnRequestTimeout: true,
  },
});
