/**
 * Stands between functions and an emulator on the loopback interface: counts AWS calls and what they cost, and makes
 * them go wrong in the ways that a distributed system does and an emulator does not.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AwsCall, awsCallOf } from './fault-proxy-call.ts';
import { askForCapacity, type CapacityUnits, capacityOf, NO_CAPACITY } from './fault-proxy-capacity.ts';
import { errorReply, type ProxyReply, serverErrorOf, throttleOf } from './fault-proxy-replies.ts';
import { createRules, type Fault, type FaultRule, type Injection } from './fault-proxy-rules.ts';

export interface CallRecord extends AwsCall, CapacityUnits {
  /** What was wrong with it, when a rule said so. */
  readonly fault: Fault['kind'] | null;
  /** What the caller was answered; null when it was not. */
  readonly status: number | null;
  readonly requestBytes: number;
}

export interface FaultProxy extends AsyncDisposable {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  inject(rule: FaultRule): Injection;
  clearRules(): void;
  /** Calls that match, oldest first; at most the last 50,000 of all. */
  calls(match?: Partial<AwsCall>): readonly CallRecord[];
  /** How many calls there were of each operation: `{ 'dynamodb.PutItem': 1 }`. */
  counts(match?: Partial<AwsCall>): Readonly<Record<string, number>>;
  forgetCalls(): void;
}

const CALLS_MAX = 50_000;
const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** Longer than any client of ours waits. */
const HANG_MS_MAX = 60_000;
/** Of one connection: what belongs to it, not to the message. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']);

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const body = Buffer.concat(await request.toArray());
  if (body.length > BODY_BYTES_MAX) throw new RangeError(`a request of ${body.length} bytes`);
  return body;
};

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const isSame = (match: Partial<AwsCall>, call: AwsCall): boolean =>
  (Object.keys(match) as (keyof AwsCall)[]).every((key) => match[key] === call[key]);

/** Starts one in front of `targetUrl`. */
export const startFaultProxy = async (targetUrl: string): Promise<FaultProxy> => {
  const target = new URL(targetUrl);
  const agent = new Agent({ keepAlive: true });
  const rules = createRules();
  const records: CallRecord[] = [];

  const forward = async (request: IncomingMessage, body: Buffer): Promise<ProxyReply> => {
    const headers = Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.has(name));
    const outgoing = sendRequest({
      agent,
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: request.url,
      headers: { ...Object.fromEntries(headers), host: target.host, 'content-length': body.length },
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const kept = Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.has(name));
    const answerBody = Buffer.concat(await answer.toArray());
    // The answer to HEAD tells a length and has no body.
    const length = request.method === 'HEAD' ? answer.headers['content-length'] : String(answerBody.length);
    return {
      status: answer.statusCode ?? 502,
      headers: {
        ...(Object.fromEntries(kept) as ProxyReply['headers']),
        ...(length === undefined ? {} : { 'content-length': length }),
      },
      body: answerBody,
    };
  };

  /** Null when the caller is to get no answer. */
  const carryOut = async (
    fault: Fault | null,
    call: AwsCall,
    send: () => Promise<ProxyReply>,
    gone: Promise<unknown>,
  ): Promise<{ readonly reply: ProxyReply; readonly isAnswered: boolean } | null> => {
    switch (fault?.kind) {
      case 'throttle':
        return { reply: errorReply(call, throttleOf(call)), isAnswered: true };
      case 'server_error':
        return { reply: errorReply(call, serverErrorOf(call)), isAnswered: true };
      case 'error':
        return { reply: errorReply(call, fault), isAnswered: true };
      case 'hang':
        await Promise.race([gone, wait(HANG_MS_MAX)]);
        return null;
      case 'reply_lost':
        return { reply: await send(), isAnswered: false };
      case 'delay':
        await wait(fault.ms);
        return { reply: await send(), isAnswered: true };
      case 'duplicate':
        await send();
        return { reply: await send(), isAnswered: true };
      case undefined:
        return { reply: await send(), isAnswered: true };
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const received = await readBody(request);
    const { method = '', url = '', headers } = request;
    const call = awsCallOf({ method, path: url, headers, body: received });
    const body = askForCapacity(call, received);
    const fault = rules.faultFor(call);
    const sent: ProxyReply[] = [];
    const send = async (): Promise<ProxyReply> => {
      const reply = await forward(request, body);
      sent.push(reply);
      return reply;
    };
    const result = await carryOut(fault, call, send, once(response, 'close'));
    const status = result?.isAnswered === true ? result.reply.status : null;
    const units = sent.map((reply) => capacityOf(call, reply.status, reply.body));
    const sum = units.reduce(
      (a, b) => ({ writeUnits: a.writeUnits + b.writeUnits, readUnits: a.readUnits + b.readUnits }),
      NO_CAPACITY,
    );
    records.push({ ...call, ...sum, fault: fault?.kind ?? null, status, requestBytes: received.length });
    if (records.length > CALLS_MAX) records.shift();
    if (result === null || !result.isAnswered) {
      response.destroy();
      return;
    }
    response.writeHead(result.reply.status, result.reply.headers);
    response.end(result.reply.body);
  };

  const server = createServer((request, response) => {
    // An emulator that is gone looks to the caller like one that cannot be reached.
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const calls = (match: Partial<AwsCall> = {}): CallRecord[] => records.filter((record) => isSame(match, record));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inject: rules.inject,
    clearRules: rules.clear,
    calls,
    counts: (match) => {
      const counts: Record<string, number> = {};
      for (const { service, operation } of calls(match)) {
        const name = `${service}.${operation}`;
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    },
    forgetCalls: () => {
      records.length = 0;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
};
