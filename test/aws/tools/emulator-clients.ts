/** How tests talk to an emulator: no account, no retries that would hide what it answers, no keys that matter. */
import { AWS_REGION } from '../../../src/config/aws-names.ts';

const CONNECTION_MS_MAX = 2_000;
const REQUEST_MS_MAX = 20_000;

export const emulatorClientOptions = (endpoint: string) => ({
  endpoint,
  region: AWS_REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: CONNECTION_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    throwOnRequestTimeout: true,
  },
});
