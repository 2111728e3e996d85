/**
 * One execution environment as on Lambda: the runtime interface client on Node 24 in a process of its own, with the
 * function at `/var/task`, the layer at `/opt`, nothing but Lambda's variables, and frozen while it has no invocation.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { TOOL_PATHS } from '../tools/tool-paths.ts';
import { whyNoMounts } from './lambda-host-mounts.ts';
import { environmentVariables, type FunctionDescription } from './lambda-host-variables.ts';
import { type Invocation, type RuntimeAnswer, startRuntimeApi } from './runtime-api.ts';

export interface OutputLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface EnvironmentInput extends FunctionDescription {
  /** What becomes `/var/task`. */
  readonly taskDirectory: string;
  /** What becomes `/opt`; null where the function has no layer. */
  readonly layerDirectory: string | null;
  readonly onLine?: (line: OutputLine) => void;
  /** Stops the process between invocations, as Lambda does, so that work left running shows. @default true */
  readonly isFrozenWhenIdle?: boolean;
  /** Passed to Node before the client; Lambda passes none. */
  readonly nodeFlags?: readonly string[];
}

export type InvokeResult =
  | RuntimeAnswer
  | { readonly outcome: 'timed_out' }
  /** The process ended in the middle of the invocation. */
  | { readonly outcome: 'exited'; readonly status: string };

export interface Environment extends AsyncDisposable {
  /** From the start of Node to its first request for work. */
  readonly initMs: number;
  /** One at a time. Resolves as soon as the answer is there; the environment can be used again after `whenIdle`. */
  invoke(invocation: Invocation): Promise<InvokeResult>;
  /** Resolves when it can take the next invocation, or is gone. */
  whenIdle(): Promise<void>;
  isAlive(): boolean;
  /** Processor time and resident memory of the process so far. */
  usage(): { readonly cpuMs: number; readonly residentBytes: number };
}

export type EnvironmentResult =
  | { readonly outcome: 'ready'; readonly environment: Environment }
  | { readonly outcome: 'init_failed'; readonly errorType: string; readonly message: string };

/** Lambda's limit for the init phase. */
const INIT_MS_MAX = 10_000;
/** CloudWatch Logs cuts longer ones into several. */
const LINE_CHARS_MAX = 256 * 1024;
/** The unit of processor time in `/proc`. */
const TICKS_PER_SECOND = 100;

/** Runs in a mount namespace of its own. Everything is mounted before anything is hidden; then `/var` is Lambda's. */
const MOUNT_AND_RUN = [
  'set -e',
  'mount -t tmpfs -o mode=755 none /mnt',
  'mkdir /mnt/task /mnt/lang /mnt/runtime',
  'mount --bind -o ro "$TASK" /mnt/task',
  'mount --bind -o ro "$LANGUAGE" /mnt/lang',
  'mount --bind -o ro "$RUNTIME" /mnt/runtime',
  'if [ -n "$LAYER" ]; then mount --bind -o ro "$LAYER" /opt; else mount -t tmpfs -o ro none /opt; fi',
  'mount -t tmpfs -o mode=1777,size=512m none /tmp',
  'mount --move /mnt /var',
  // As on Lambda only `/tmp` can be written to.
  'mount -o remount,bind,ro /var',
  'mount -o remount,bind,ro /',
  'cd /var/task',
  'unset TASK LANGUAGE RUNTIME LAYER OLDPWD',
  // Init is measured from here: what comes before is not part of Lambda.
  'printf . >&3; exec 3>&-',
  'exec /var/lang/bin/node "$@" /var/runtime/node_modules/aws-lambda-ric/index.mjs "$_HANDLER"',
].join('\n');

const RUN_IN_PLACE =
  'cd "$TASK"; printf . >&3; exec 3>&-; exec "$LANGUAGE/bin/node" "$@" "$CLIENT/index.mjs" "$_HANDLER"';

const spawnRuntime = (input: EnvironmentInput, address: string): ChildProcess => {
  const hasMounts = whyNoMounts() === null;
  const client = TOOL_PATHS.runtimeInterfaceClient;
  const sources = {
    TASK: input.taskDirectory,
    LAYER: input.layerDirectory ?? '',
    LANGUAGE: dirname(dirname(TOOL_PATHS.node)),
    ...(hasMounts ? { RUNTIME: dirname(dirname(client)) } : { CLIENT: client }),
  };
  const roots = hasMounts
    ? { task: '/var/task', layer: '/opt', runtime: '/var/runtime' }
    : { task: input.taskDirectory, layer: input.layerDirectory ?? '/nonexistent', runtime: dirname(dirname(client)) };
  const shell = hasMounts
    ? ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', MOUNT_AND_RUN]
    : ['sh', '-c', RUN_IN_PLACE];
  // The kernel ends it when the tests end, however they end.
  return spawn('setpriv', ['--pdeathsig', 'KILL', ...shell, 'runtime', ...(input.nodeFlags ?? [])], {
    env: { ...environmentVariables(input, roots, address), ...sources },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
};

const forwardLines = (child: ChildProcess, onLine: (line: OutputLine) => void): void => {
  for (const stream of ['stdout', 'stderr'] as const) {
    const lines = createInterface({ input: child[stream] as Readable, crlfDelay: Number.POSITIVE_INFINITY });
    lines.on('line', (text) => onLine({ stream, text: text.slice(0, LINE_CHARS_MAX) }));
  }
};

/** The client's own words about an error; anything else is shown as it is. */
const describeFailure = (answer: RuntimeAnswer): { readonly errorType: string; readonly message: string } => {
  const errorType = answer.outcome === 'failed' ? answer.errorType : 'Unhandled';
  try {
    const parsed: { errorMessage?: string; errorType?: string } = JSON.parse(answer.body.toString());
    return { errorType: parsed.errorType ?? errorType, message: parsed.errorMessage ?? '' };
  } catch {
    return { errorType, message: answer.body.toString() };
  }
};

const readUsage = (pid: number): ReturnType<Environment['usage']> => {
  const fields =
    readFileSync(join('/proc', String(pid), 'stat'), 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? [];
  const pages = Number(readFileSync(join('/proc', String(pid), 'statm'), 'utf8').split(' ')[1]);
  return {
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND,
    residentBytes: pages * 4096,
  };
};

/** Starts one and waits until its init is over. A function that cannot start is an outcome; it is gone by then. */
export const createEnvironment = async (input: EnvironmentInput): Promise<EnvironmentResult> => {
  const api = await startRuntimeApi();
  const child = spawnRuntime(input, api.address);
  const exited = Promise.withResolvers<string>();
  child.once('error', (error) => exited.resolve(error.message));
  child.once('close', (code, signal) => exited.resolve(signal ?? `exit status ${code}`));
  let isAlive = true;
  void exited.promise.then(() => {
    isAlive = false;
    api.close();
  });
  forwardLines(child, input.onLine ?? (() => {}));

  let startedAt = performance.now();
  (child.stdio[3] as Readable).once('data', () => {
    startedAt = performance.now();
  });

  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited.promise;
  };
  const freeze = (): void => {
    if (input.isFrozenWhenIdle !== false && isAlive) child.kill('SIGSTOP');
  };

  const ended = exited.promise.then((status) => ({ kind: 'exited', status }) as const);
  const late = Promise.withResolvers<{ readonly kind: 'late' }>();
  const timer = setTimeout(() => late.resolve({ kind: 'late' }), INIT_MS_MAX);
  const init = await Promise.race([
    api.whenIdle().then(() => ({ kind: 'ready' }) as const),
    api.initError.then((answer) => ({ kind: 'error', answer }) as const),
    ended,
    late.promise,
  ]);
  clearTimeout(timer);
  const initMs = performance.now() - startedAt;
  if (init.kind !== 'ready') {
    await end();
    if (init.kind === 'error') return { outcome: 'init_failed', ...describeFailure(init.answer) };
    const message =
      init.kind === 'late' ? `init took longer than ${INIT_MS_MAX} ms` : `Runtime exited during init: ${init.status}`;
    return {
      outcome: 'init_failed',
      errorType: init.kind === 'late' ? 'Sandbox.Timedout' : 'Runtime.ExitError',
      message,
    };
  }
  freeze();

  const environment: Environment = {
    initMs,
    invoke: async (invocation) => {
      child.kill('SIGCONT');
      const tooLate = Promise.withResolvers<InvokeResult>();
      const deadline = setTimeout(() => tooLate.resolve({ outcome: 'timed_out' }), invocation.deadlineAt - Date.now());
      const answer = api.invoke(invocation);
      void api.whenIdle().then(freeze);
      const result = await Promise.race([
        answer,
        tooLate.promise,
        ended.then(({ status }) => ({ outcome: 'exited', status }) as const),
      ]);
      clearTimeout(deadline);
      if (result.outcome === 'timed_out') await end();
      return result;
    },
    whenIdle: async () => {
      await Promise.race([api.whenIdle(), exited.promise]);
    },
    isAlive: () => isAlive,
    usage: () => readUsage(child.pid ?? 0),
    [Symbol.asyncDispose]: end,
  };
  return { outcome: 'ready', environment };
};
