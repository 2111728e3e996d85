/** Breaks the n-th call of any port, before it takes effect or after it did and only the answer is lost. */
import type { MemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { PayhookError } from '../../src/core/errors.ts';

export type FaultKind = 'before' | 'after';

export interface Fault {
  /** The call that breaks, counted from 1 over all ports. */
  readonly call: number;
  readonly kind: FaultKind;
}

/** `calls` counts what was asked of the ports, so that a test can break each of them in turn. */
export const breakPorts = (home: MemoryHome, fault: Fault): MemoryHome & { readonly counter: { calls: number } } => {
  const counter = { calls: 0 };
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]): Promise<unknown> => {
          counter.calls += 1;
          const isBroken = counter.calls === fault.call;
          if (isBroken && fault.kind === 'before')
            throw new PayhookError('store_unavailable', 'broken before it took effect');
          const result: unknown = await method.apply(target, args);
          if (isBroken) throw new PayhookError('store_unavailable', 'took effect, and the answer was lost');
          return result;
        };
      },
    });
  return {
    store: wrap(home.store),
    queue: wrap(home.queue),
    auditLog: wrap(home.auditLog),
    webhooks: home.webhooks,
    payments: wrap(home.payments),
    destinations: wrap(home.destinations),
    rejected: wrap(home.rejected),
    jobs: wrap(home.jobs),
    checkpoints: wrap(home.checkpoints),
    checkProgress: wrap(home.checkProgress),
    silence: wrap(home.silence),
    counter,
  };
};

/** Ports of a process that is killed: from then on nothing that it asks of anybody is done. */
export const killablePorts = (home: MemoryHome) => {
  let isDead = false;
  let last: { readonly call: string; times: number } | null = null;
  const underway = new Set<Promise<unknown>>();
  const wrap = <Port extends object>(portName: string, port: Port): Port =>
    new Proxy(port, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]): Promise<unknown> => {
          if (last?.call === 'any' || last?.call === `${portName}.${String(name)}`) last.times -= 1;
          isDead ||= last?.times === 0;
          if (isDead) throw new PayhookError('store_unavailable', 'the process was killed');
          const call: Promise<unknown> = Promise.resolve(method.apply(target, args));
          underway.add(call);
          return call.finally(() => underway.delete(call));
        };
      },
    });
  return {
    ports: {
      store: wrap('store', home.store),
      queue: wrap('queue', home.queue),
      auditLog: wrap('auditLog', home.auditLog),
      payments: wrap('payments', home.payments),
      destinations: wrap('destinations', home.destinations),
      jobs: wrap('jobs', home.jobs),
    },
    /** It is killed when it is about to make this call (`store.change`, or `any`) for the n-th time from now on. */
    dieAt: (call: string, times: number): void => {
      last = { call, times };
    },
    /** Resolves when what others were asked before its death has taken effect. */
    isGone: async (): Promise<void> => void (await Promise.allSettled(underway)),
  };
};
