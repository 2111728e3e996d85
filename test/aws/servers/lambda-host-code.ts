/**
 * Where the Lambda host gets functions from: asks the emulator for configuration, code and layers, and unpacks them once
 * for each content, so that a stack that is deployed again costs one question.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FunctionConfiguration,
  GetFunctionCommand,
  GetLayerVersionByArnCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import type { FunctionDescription } from './lambda-host-variables.ts';

export interface HostedFunction extends FunctionDescription {
  readonly functionName: string;
  readonly taskDirectory: string;
  readonly layerDirectory: string | null;
  readonly functionArn: string;
  /** Executions set aside for it, which also caps them; null when none are. */
  readonly reservedConcurrency: number | null;
}

export interface CodeSource {
  /** Throws when the emulator does not know the function. */
  load(functionName: string, version: string): Promise<HostedFunction>;
}

const UNZIP_MS_MAX = 60_000;

const unzip = async (archive: string, directory: string): Promise<void> => {
  const child = spawn('unzip', ['-q', '-o', archive, '-d', directory], { stdio: 'ignore', timeout: UNZIP_MS_MAX });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`unzip ${archive} failed with status ${status}`);
};

/** Downloads archives and unpacks all of them, in order, into one folder that is named after their contents. */
const createUnpacker = (directory: string) => {
  const unpacked = new Map<string, Promise<string>>();

  const unpack = async (target: string, locations: readonly string[]): Promise<string> => {
    const partial = `${target}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    for (const location of locations) {
      const response = await fetch(location);
      if (!response.ok) throw new Error(`${location} answered ${response.status}`);
      const archive = `${target}.zip`;
      await writeFile(archive, new Uint8Array(await response.arrayBuffer()));
      await unzip(archive, partial);
      await rm(archive);
    }
    await rename(partial, target);
    return target;
  };

  return (hashes: readonly string[], locations: readonly string[]): Promise<string> => {
    const name = Buffer.from(hashes.join('+'), 'base64').toString('hex').slice(0, 64) + hashes.length;
    const known = unpacked.get(name) ?? unpack(join(directory, name), locations);
    unpacked.set(name, known);
    return known;
  };
};

const descriptionOf = (configuration: FunctionConfiguration, functionName: string): FunctionDescription => {
  const { LoggingConfig: logging, Environment, MemorySize, Version } = configuration;
  return {
    functionName,
    handler: configuration.Handler ?? '',
    environment: Environment?.Variables ?? {},
    ...(Version === undefined ? {} : { functionVersion: Version }),
    ...(MemorySize === undefined ? {} : { memoryMb: MemorySize }),
    ...(logging?.LogGroup === undefined ? {} : { logGroup: logging.LogGroup }),
    ...(logging?.LogFormat === undefined ? {} : { logFormat: logging.LogFormat }),
    ...(logging?.ApplicationLogLevel === undefined ? {} : { logLevel: logging.ApplicationLogLevel }),
  };
};

/** Code is kept below `directory`; remove it when the host has stopped. */
export const createCodeSource = (emulatorUrl: string, directory: string): CodeSource => {
  const lambda = new LambdaClient(emulatorClientOptions(emulatorUrl));
  const unpack = createUnpacker(directory);

  const layersOf = async (arns: readonly string[]): Promise<string | null> => {
    if (arns.length === 0) return null;
    const versions = await Promise.all(arns.map((Arn) => lambda.send(new GetLayerVersionByArnCommand({ Arn }))));
    const hashes = versions.map(({ Content }) => Content?.CodeSha256 ?? '');
    return unpack(
      hashes,
      versions.map(({ Content }) => Content?.Location ?? ''),
    );
  };

  return {
    load: async (functionName, version) => {
      const { Configuration, Code, Concurrency } = await lambda.send(
        new GetFunctionCommand({ FunctionName: functionName, Qualifier: version }),
      );
      if (Configuration === undefined) throw new Error(`the emulator has no configuration for ${functionName}`);
      const [taskDirectory, layerDirectory] = await Promise.all([
        unpack([Configuration.CodeSha256 ?? ''], [Code?.Location ?? '']),
        layersOf((Configuration.Layers ?? []).map(({ Arn }) => Arn ?? '')),
      ]);
      return {
        ...descriptionOf(Configuration, functionName),
        functionName,
        taskDirectory,
        layerDirectory,
        functionArn: Configuration.FunctionArn ?? '',
        reservedConcurrency: Concurrency?.ReservedConcurrentExecutions ?? null,
      };
    },
  };
};
