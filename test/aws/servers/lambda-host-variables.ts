/** The environment variables of a function: what Lambda sets, then the function's own. Nothing of the test's process. */
import { DEFAULT_REGION } from '../../../src/config/aws-names.ts';

export interface FunctionDescription {
  readonly functionName?: string;
  /** `file.export`, as in the template. */
  readonly handler: string;
  /** The function's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly functionVersion?: string;
  readonly memoryMb?: number;
  readonly logGroup?: string;
  readonly logFormat?: 'JSON' | 'Text';
  /** Level of the application's log, where the format is JSON. */
  readonly logLevel?: string;
}

/** Where the three directories are for the process. */
export interface Roots {
  readonly task: string;
  readonly layer: string;
  readonly runtime: string;
}

/** The access key tells the fault proxy who calls; no emulator checks the signature that is made with it. */
const accessKeyOf = (functionName: string): string => `ASIA-${functionName}`;

export const environmentVariables = (
  { functionName = 'function', handler, environment, ...description }: FunctionDescription,
  roots: Roots,
  runtimeApi: string,
): Record<string, string> => {
  const { functionVersion = '$LATEST', memoryMb = 128, logGroup = `/aws/lambda/${functionName}` } = description;
  const isJson = description.logFormat === 'JSON';
  return {
    AWS_ACCESS_KEY_ID: accessKeyOf(functionName),
    AWS_SECRET_ACCESS_KEY: 'not-checked',
    AWS_SESSION_TOKEN: 'not-checked',
    AWS_REGION: DEFAULT_REGION,
    AWS_DEFAULT_REGION: DEFAULT_REGION,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: functionVersion,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: `2026/01/01/[${functionVersion}]0123456789abcdef0123456789abcdef`,
    ...(isJson ? { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: description.logLevel ?? 'INFO' } : {}),
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    // Nobody listens: traces are sent as datagrams, which get lost like on a busy machine.
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    LAMBDA_TASK_ROOT: roots.task,
    LAMBDA_RUNTIME_DIR: roots.runtime,
    LANG: 'en_US.UTF-8',
    LD_LIBRARY_PATH: `/var/lang/lib:/lib64:/usr/lib64:${roots.runtime}:${roots.task}:${roots.task}/lib:${roots.layer}/lib`,
    NODE_PATH: ['/nodejs/node24/node_modules', '/nodejs/node_modules']
      .map((path) => `${roots.layer}${path}`)
      .concat(`${roots.runtime}/node_modules`)
      .join(':'),
    PATH: `/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:${roots.layer}/bin`,
    TZ: ':UTC',
    _HANDLER: handler,
    ...environment,
  };
};
