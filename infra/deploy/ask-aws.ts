/** One question to AWS: what goes wrong becomes one sentence that says what to do. */
import { awsError, isAwsError } from '../../src/adapters/aws/errors.ts';

/** What is answered instead of an error of one of these names. */
export interface Absent<Otherwise> {
  readonly errors: readonly string[];
  readonly otherwise: Otherwise;
}

export const askAws = async <Answer, Otherwise = never>(
  what: string,
  call: () => Promise<Answer>,
  absent?: Absent<Otherwise>,
): Promise<Answer | Otherwise> => {
  try {
    return await call();
  } catch (error) {
    if (absent?.errors.some((name) => isAwsError(error, name)) === true) return absent.otherwise;
    throw awsError(error, 'server_unreachable', what);
  }
};
