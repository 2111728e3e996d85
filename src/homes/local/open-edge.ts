/** Opens the two addresses of the local home, the one for providers and the one for operations, and closes them. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PrometheusMetrics } from '../../adapters/prometheus/prometheus-metrics.ts';
import type { Settings } from '../../config/load-config.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { AnswerDelivery } from '../../receive/answer-delivery.ts';
import type { EdgeLimits } from './edge-limits.ts';
import { createProbes, createRenderMetrics } from './health-and-metrics.ts';
import type { LocalHome } from './home.ts';
import { createHttpEdge } from './http-edge.ts';
import { createOperationsServer } from './operations-server.ts';
import { isTaken, type ListenAddress, portError } from './port-error.ts';

export interface OpenEdgeInput {
  readonly settings: Settings;
  readonly home: LocalHome;
  readonly deliveries: AnswerDelivery;
  readonly limits: EdgeLimits;
  readonly providerNames: ReadonlySet<string>;
  readonly metrics: PrometheusMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly isStopping: () => boolean;
}

export interface ListeningEdge {
  /** As given or chosen. */
  readonly port: number;
  readonly operationsPort: number;
}

export interface LocalEdge {
  /** Throws `configuration_invalid` with a sentence when an address cannot be used. */
  listen(): Promise<ListeningEdge>;
  /** Takes no more connections; resolves when what is under way is answered, or was cut off for taking too long. */
  close(waitMsMax: number): Promise<void>;
}

const IDLE_CHECK_MS = 100;

export const openEdge = (input: OpenEdgeInput): LocalEdge => {
  const { settings, home, limits, metrics, clock, isStopping } = input;
  const probes = createProbes({
    probeWrite: () => home.executor.run('probeWrite', { now: clock.now() }),
    isStopping,
    warning: limits.senders.proxyWarning,
  });
  const edge = createHttpEdge({ ...input, randomness: home.randomness, answerProbe: probes.answer });
  const operations = createOperationsServer({
    answerProbe: probes.answer,
    renderMetrics: createRenderMetrics({
      metrics,
      queue: home.queue,
      destinationDepths: () => home.destinations.depth(settings.destinations.map(({ name }) => name)),
      clock,
    }),
    clock,
  });
  let probing: NodeJS.Timeout | undefined;

  return {
    async listen() {
      const { host } = settings.config.edge;
      await probes.probe();
      probing = setInterval(() => void probes.probe(), LIMITS.probeEveryMs);
      probing.unref();
      // First the one that nobody sends deliveries to: what is listening must not be closed again for the other.
      const operationsPort = await listenForOperations(operations, input);
      const port = await listenOn(edge, {
        host,
        port: settings.port,
        portVariable: 'PAYHOOK_PORT',
        hostSetting: 'edge.host',
      });
      return { port, operationsPort };
    },
    async close(waitMsMax) {
      await Promise.all([edge, operations].map((server) => closeServer(server, waitMsMax)));
      clearInterval(probing);
    },
  };
};

const listenOn = async (server: Server, address: ListenAddress): Promise<number> => {
  try {
    server.listen(address.port, address.host);
    await once(server, 'listening');
  } catch (error) {
    throw portError(error, address);
  }
  return (server.address() as AddressInfo).port;
};

/**
 * A port that nobody asked for must not keep a second server of the machine from receiving: where the default is taken, the
 * system chooses one, and the log says which. One that was asked for is an error when it is taken.
 */
const listenForOperations = async (server: Server, { settings, logger }: OpenEdgeInput): Promise<number> => {
  const address: ListenAddress = {
    host: settings.config.edge.operationsHost,
    port: settings.operationsPort,
    portVariable: 'PAYHOOK_OPERATIONS_PORT',
    hostSetting: 'edge.operationsHost',
  };
  try {
    return await listenOn(server, address);
  } catch (error) {
    if (settings.isOperationsPortGiven || !isTaken(error)) throw error;
    const port = await listenOn(server, { ...address, port: 0 });
    logger.warn('operations.port_taken', {
      port: address.port,
      operations_port: port,
      message: 'another program has it: set PAYHOOK_OPERATIONS_PORT, so that whoever asks for metrics finds them',
    });
    return port;
  }
};

const closeServer = async (server: Server, waitMsMax: number): Promise<void> => {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  // A connection whose answer was on its way just now becomes idle a moment later.
  const idling = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const tooSlow = setTimeout(() => server.closeAllConnections(), waitMsMax);
  await closed;
  clearTimeout(tooSlow);
  clearInterval(idling);
};
