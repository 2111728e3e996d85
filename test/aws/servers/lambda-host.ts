/**
 * Runs deployed functions as Lambda does, for an emulator that forwards invocations (ministack's
 * `MINISTACK_LAMBDA_PROXY_URL`): one process for each concurrent invocation, with code and layers from the emulator.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EVENT_TOO_LARGE,
  type HostAnswer,
  hostAnswerOf,
  PAYLOAD_BYTES_MAX,
  platformLineOf,
} from './lambda-host-answer.ts';
import { completeApiEvent } from './lambda-host-api-event.ts';
import { createCodeSource } from './lambda-host-code.ts';
import { createEnvironment } from './lambda-host-environment.ts';
import { createEnvironmentPool, type EnvironmentPool, type PoolResult } from './lambda-host-pool.ts';
import type { Invocation } from './runtime-api.ts';

export interface LogLine {
  /** `platform`: what Lambda itself writes, about time-outs and processes that ended. */
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}

export interface InvocationRecord {
  readonly requestId: string;
  readonly outcome: PoolResult['outcome'];
  readonly durationMs: number;
  /** Null when an environment was reused. */
  readonly initMs: number | null;
}

export interface LambdaHost extends AsyncDisposable {
  /** Where the emulator sends invocations to. */
  readonly url: string;
  /** What the function printed, oldest first, across its environments; at most the last 20,000. */
  lines(functionName: string): readonly LogLine[];
  /** Its invocations, oldest first; at most the last 20,000. */
  invocations(functionName: string): readonly InvocationRecord[];
  /** Processes that there are for the function now. */
  environments(functionName: string): number;
  /** Ends all environments, or those of one function, and forgets definitions, lines and records: what a deployment does. */
  reset(functionName?: string): Promise<void>;
}

export interface LambdaHostInput {
  readonly emulatorUrl: string;
  /** Processes for one function; further invocations wait. @default 6 */
  readonly environmentsMax?: number;
  /** @default true, see `createEnvironment` */
  readonly isFrozenWhenIdle?: boolean;
  /** Has the last word about an event before the function gets it. @default `completeApiEvent` */
  readonly completeEvent?: (event: unknown) => unknown;
  /** Whether X-Ray's rule picks an invocation, by its trace header. @default none */
  readonly isSampled?: (traceHeader: string) => boolean;
}

const ENTRIES_MAX = 20_000;
const ENVIRONMENTS_MAX = 6;

interface Hosted {
  readonly lines: LogLine[];
  readonly records: InvocationRecord[];
  /** By version. */
  readonly pools: Map<string, Promise<EnvironmentPool>>;
  readonly opened: Set<EnvironmentPool>;
}

const keep = <Entry>(list: Entry[], entry: Entry): void => {
  list.push(entry);
  if (list.length > ENTRIES_MAX) list.shift();
};

/** Lambda gives every invocation one. The emulator says of each that it is sampled; here the test decides. */
const newTraceHeader = (): string => {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
};

export const startLambdaHost = async (input: LambdaHostInput): Promise<LambdaHost> => {
  const { environmentsMax = ENVIRONMENTS_MAX, isFrozenWhenIdle = true, completeEvent = completeApiEvent } = input;
  const { isSampled = () => false } = input;
  const decided = (traceHeader: string): string =>
    traceHeader.replace(/Sampled=[01]/, `Sampled=${isSampled(traceHeader) ? 1 : 0}`);
  const directory = mkdtempSync(join(tmpdir(), 'payhook-lambda-'));
  const code = createCodeSource(input.emulatorUrl, directory);
  const functions = new Map<string, Hosted>();

  const hostedOf = (functionName: string): Hosted => {
    const hosted = functions.get(functionName) ?? { lines: [], records: [], pools: new Map(), opened: new Set() };
    functions.set(functionName, hosted);
    return hosted;
  };

  const openPool = async (functionName: string, version: string): Promise<EnvironmentPool> => {
    const { lines, opened } = hostedOf(functionName);
    const definition = await code.load(functionName, version);
    const pool = createEnvironmentPool({
      create: () => createEnvironment({ ...definition, isFrozenWhenIdle, onLine: (line) => keep(lines, line) }),
      reservedConcurrency: definition.reservedConcurrency,
      environmentsMax,
    });
    opened.add(pool);
    return pool;
  };

  const poolOf = (functionName: string, version: string): Promise<EnvironmentPool> => {
    const { pools } = hostedOf(functionName);
    const pool = pools.get(version) ?? openPool(functionName, version);
    pools.set(version, pool);
    // A function that is not there yet may be there at the next invocation.
    pool.catch(() => pools.delete(version));
    return pool;
  };

  const invoke = async (functionName: string, version: string, invocation: Invocation): Promise<PoolResult> => {
    const { lines, records } = hostedOf(functionName);
    const startedAt = performance.now();
    const pool = await poolOf(functionName, version);
    const result = await pool.run(invocation);
    const { requestId } = invocation;
    const line = platformLineOf(result, requestId);
    if (line !== null) keep(lines, { stream: 'platform', text: line });
    const initMs = 'initMs' in result ? result.initMs : null;
    keep(records, { requestId, outcome: result.outcome, durationMs: performance.now() - startedAt, initMs });
    return result;
  };

  const serve = async (request: IncomingMessage): Promise<HostAnswer> => {
    const header = (name: string): string => String(request.headers[name] ?? '');
    const body = Buffer.concat(await request.toArray());
    if (body.length > PAYLOAD_BYTES_MAX) return EVENT_TOO_LARGE;
    const event = completeEvent(JSON.parse(body.toString()));
    const invocation: Invocation = {
      requestId: header('x-amzn-lambda-request-id'),
      deadlineAt: Number(header('x-amzn-lambda-deadline-ms')),
      functionArn: header('x-amzn-lambda-function-arn'),
      traceHeader: decided(header('x-amzn-trace-id') || newTraceHeader()),
      payload: Buffer.from(JSON.stringify(event)),
    };
    return hostAnswerOf(
      await invoke(header('x-amzn-lambda-function-name'), header('x-amzn-lambda-function-version'), invocation),
    );
  };

  const server = createServer((request, response) => {
    const broken = (thrown: unknown): HostAnswer => ({
      status: 500,
      body: JSON.stringify({ errorType: 'LambdaHost.Broken', errorMessage: String(thrown) }),
    });
    void serve(request)
      .catch(broken)
      .then(({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const reset = async (functionName?: string): Promise<void> => {
    const names = functionName === undefined ? [...functions.keys()] : [functionName];
    const hosted = names.map(hostedOf);
    for (const name of names) functions.delete(name);
    await Promise.allSettled(hosted.flatMap(({ pools }) => [...pools.values()]));
    await Promise.all(hosted.flatMap(({ opened }) => [...opened]).map((pool) => pool[Symbol.asyncDispose]()));
  };

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lines: (functionName) => hostedOf(functionName).lines,
    invocations: (functionName) => hostedOf(functionName).records,
    environments: (functionName) => [...hostedOf(functionName).opened].reduce((sum, pool) => sum + pool.size(), 0),
    reset,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await reset();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
