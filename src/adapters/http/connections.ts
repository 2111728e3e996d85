/** Connections to one host that are kept open for the next request. */
import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';

/** A connection that was idle for so long is closed; most servers close theirs after 5 to 75 s. */
const IDLE_MS = 15_000;

/**
 * Hands out the pool for a set of addresses, given by its key. When the set is another than before, the old pool's idle
 * connections are closed, and the others as soon as their requests end: a connection to an address that the name no
 * longer leads to is never used again.
 */
export const createConnections = (isTls: boolean, connectionsMax: number): ((key: string) => PlainAgent) => {
  const open = (): PlainAgent => {
    const options = { keepAlive: true, maxSockets: connectionsMax, maxFreeSockets: connectionsMax, timeout: IDLE_MS };
    return isTls ? new TlsAgent(options) : new PlainAgent(options);
  };
  const retire = (agent: PlainAgent): void => {
    agent.maxFreeSockets = 0;
    for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
  };
  let current = { key: '', agent: open() };
  return (key) => {
    if (key !== current.key) {
      retire(current.agent);
      current = { key, agent: open() };
    }
    return current.agent;
  };
};
