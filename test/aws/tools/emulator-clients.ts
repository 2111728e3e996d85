/** How tests talk to an emulator: no account, no retries that would hide what it answers, no keys that matter. */
import { DEFAULT_REGION } from '../../../src/config/aws-names.ts';

/** Far longer than the slowest answer of an emulator on a busy machine: a test that hangs ends by its own time limit. */
const CALL_MS_MAX = 60_000;

export const emulatorClientOptions = (endpoint: string) => ({
  endpoint,
  region: DEFAULT_REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: CALL_MS_MAX,
    requestTimeout: CALL_MS_MAX,
    throwOnRequestTimeout: true,
  },
});
