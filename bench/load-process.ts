/** The load generator: a process of its own, told what to do by the benchmark over IPC. */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { type BodySize, createDeliveries } from './deliveries.ts';
import { type Answer, type Connection, openConnection } from './http-client.ts';
import type { LoadReply, LoadRequest, LoadResult, LoadRun } from './load-messages.ts';
import { latenciesOf, percentile } from './statistics.ts';

const PATH = '/webhook/stripe';
const ACCEPTED = '"status":"accepted"';

let requests: Buffer[] = [];

/** Headers as Stripe sends them. */
const requestOf = (body: Buffer, signed: Readonly<Record<string, string>>): Buffer => {
  const lines = [
    `POST ${PATH} HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'Accept: */*; q=0.5, application/xml',
    'Cache-Control: no-cache',
    ...Object.entries(signed).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
};

const prepare = (count: number, size: BodySize): LoadReply => {
  requests = [];
  const next = createDeliveries(size);
  let bytes = 0;
  for (let index = 0; index < count; index += 1) {
    const { body, headers } = next();
    bytes += body.length;
    requests.push(requestOf(body, headers));
  }
  return { kind: 'prepared', bodyBytesMean: Math.round(bytes / count) };
};

/** Counts what came back. */
const createTally = (capacity: number) => {
  const latencies = new Float64Array(capacity);
  const ofServer = new Float64Array(capacity);
  const byStatus = new Map<number, number>();
  let answered = 0;
  let accepted = 0;
  return {
    count: () => answered,
    /** `lateMs`: of the latency, what the generator itself was late. */
    add({ status, body }: Answer, sinceMs: number, lateMs = 0): void {
      latencies[answered] = performance.now() - sinceMs;
      ofServer[answered] = performance.now() - sinceMs - lateMs;
      answered += 1;
      if (status === 200 && body.includes(ACCEPTED)) accepted += 1;
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    },
    result: (sent: number, startedAt: number, cpu: NodeJS.CpuUsage, lateness: Float64Array): LoadResult => {
      const { user, system } = process.cpuUsage(cpu);
      return {
        ...latenciesOf(latencies.subarray(0, answered)),
        ofServer: latenciesOf(ofServer.subarray(0, answered)),
        sent,
        accepted,
        byStatus: Object.fromEntries(byStatus),
        elapsedMs: performance.now() - startedAt,
        cpuMicrosPerRequest: (user + system) / answered,
        sendLatenessP99Ms: percentile(lateness.toSorted(), 0.99),
      };
    },
  };
};

/** Closed loop: every connection always has one request under way. */
const runAtFullSpeed = (run: LoadRun, connections: readonly Connection[]): Promise<LoadResult> =>
  new Promise((resolve) => {
    const tally = createTally(requests.length - run.from);
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    const until = startedAt + run.durationMs;
    let next = run.from;
    let busy = connections.length;

    const sendNext = (connection: Connection): void => {
      const request = requests[next];
      const now = performance.now();
      if (request === undefined || now >= until) {
        busy -= 1;
        if (busy === 0) resolve(tally.result(next - run.from, startedAt, cpu, new Float64Array()));
        return;
      }
      next += 1;
      connection.send(request, (answer) => {
        tally.add(answer, now);
        sendNext(connection);
      });
    };
    for (const connection of connections) sendNext(connection);
  });

/**
 * Open loop: request n is due at n / rate. One that is due while all connections are busy waits in line and its latency
 * runs from when it was due, so a server that stalls cannot hide the requests that it kept waiting.
 */
const runAtRate = (run: LoadRun, ratePerSecond: number, connections: readonly Connection[]): Promise<LoadResult> =>
  new Promise((resolve) => {
    const total = Math.min(requests.length - run.from, Math.floor((run.durationMs / 1000) * ratePerSecond));
    const tally = createTally(total);
    const lateness = new Float64Array(total);
    const idle = connections.map((connection) => ({ connection, since: 0 }));
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    let sent = 0;

    const sendDue = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * ratePerSecond) + 1);
      while (sent < due) {
        // The longest idle one: a server closes connections that never send anything.
        const free = idle.shift();
        if (free === undefined) return;
        const { connection, since } = free;
        const dueAt = startedAt + (sent / ratePerSecond) * 1000;
        // While every connection was busy it was the server that kept it waiting.
        const lateMs = performance.now() - Math.max(dueAt, since);
        lateness[sent] = lateMs;
        connection.send(requests[run.from + sent] as Buffer, (answer) => {
          tally.add(answer, dueAt, lateMs);
          idle.push({ connection, since: performance.now() });
          if (tally.count() === total) finish();
          else sendDue();
        });
        sent += 1;
      }
    };
    const timer = setInterval(sendDue, 1);
    const finish = (): void => {
      clearInterval(timer);
      resolve(tally.result(sent, startedAt, cpu, lateness));
    };
    sendDue();
  });

const run = async (request: LoadRun): Promise<LoadReply> => {
  assert(request.from < requests.length, 'more deliveries are asked for than were prepared');
  const broken = Promise.withResolvers<never>();
  const connections = await Promise.all(
    Array.from({ length: request.connections }, () => openConnection(request.port, broken.reject)),
  );
  const { ratePerSecond } = request;
  const running =
    ratePerSecond === null ? runAtFullSpeed(request, connections) : runAtRate(request, ratePerSecond, connections);
  const result = await Promise.race([running, broken.promise]);
  for (const connection of connections) connection.close();
  return { kind: 'ran', result };
};

const answer = async (request: LoadRequest): Promise<LoadReply> => {
  try {
    return request.kind === 'prepare' ? prepare(request.count, request.size) : await run(request);
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
};

process.on('message', (request: LoadRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
// The benchmark is gone: so is the reason to run.
process.on('disconnect', () => process.exit());
