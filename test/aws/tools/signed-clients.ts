/** The calls that functions make, on an emulator: signed by our own code, with no key that matters. */
import {
  type CallService,
  type CallServiceDeps,
  createCallService,
} from '../../../src/adapters/aws/signed/call-service.ts';
import { createExchange } from '../../../src/adapters/aws/signed/exchange.ts';
import {
  createSignedDynamodb,
  createSignedKms,
  createSignedSecretsManager,
  createSignedSqs,
} from '../../../src/adapters/aws/signed/signed-calls.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import { DEFAULT_REGION } from '../../../src/config/aws-names.ts';
import type { AwsCalls } from '../../../src/homes/aws/open-calls.ts';

/** Far longer than the slowest answer of an emulator on a busy machine: a test that hangs ends by its own time limit. */
const CALL_MS_MAX = 60_000;

export interface SignedCallsOptions
  extends Partial<Pick<CallServiceDeps, 'attemptsMax' | 'requestMsMax' | 'callMsMax'>> {
  /** Done before each call. */
  readonly before?: () => Promise<void>;
}

/** Patient, and without the second tries that would hide what an emulator answers, unless options say otherwise. */
export const signedCalls = (endpoint: string, { before, ...options }: SignedCallsOptions = {}): AwsCalls => {
  const randomness = createSystemRandomness(systemClock);
  const made = createCallService({
    exchange: createExchange(),
    region: DEFAULT_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: null },
    endpointOf: () => new URL(endpoint),
    clock: systemClock,
    randomness,
    attemptsMax: 1,
    requestMsMax: CALL_MS_MAX,
    callMsMax: CALL_MS_MAX,
    ...options,
  });
  const call: CallService = async (...asked) => {
    await before?.();
    return made(...asked);
  };
  return {
    dynamodb: createSignedDynamodb(call, randomness),
    sqs: createSignedSqs(call),
    kms: createSignedKms(call),
    secretsManager: createSignedSecretsManager(call),
  };
};
