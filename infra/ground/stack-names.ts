/** The names of the stack: those that functions and command line know too, and those that only the stack needs. */
import { type AwsNames, awsNames } from '../../src/config/aws-names.ts';

export interface StackNames extends AwsNames {
  readonly environmentSuffix: string;
  /** CDK's function that empties the buckets of an ephemeral stack before they are removed. */
  readonly bucketCleaner: string;
}

export const stackNames = (suffix: string): StackNames => ({
  ...awsNames(suffix),
  environmentSuffix: suffix,
  bucketCleaner: `lambda-bucket-cleaner-${suffix}`,
});
