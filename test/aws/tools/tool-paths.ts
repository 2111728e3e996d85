/** Where the emulators and the runtime interface client are, once `set-up-tools.ts` has installed them. */
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Not part of the repository, and kept between runs: installing everything takes minutes. */
export const TOOLS_DIRECTORY = join(ROOT, '.tools', 'aws');

export const TOOL_PATHS = {
  /** Python of the virtual environment that has ministack and moto. */
  python: join(TOOLS_DIRECTORY, 'venv', 'bin', 'python'),
  /** Folder with DynamoDBLocal.jar and DynamoDBLocal_lib. */
  dynamodbLocal: join(TOOLS_DIRECTORY, 'dynamodb-local'),
  runtimeInterfaceClient: join(TOOLS_DIRECTORY, 'ric', 'node_modules', 'aws-lambda-ric'),
  /** The Node that Lambda's nodejs24.x stands for: the one of the checkout, which runs the tests. */
  node: process.execPath,
} as const;
