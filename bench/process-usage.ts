/** Memory and CPU of another process, out of /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const MIB_KIB = 1024;
/** `USER_HZ`: what /proc counts CPU time in on every Linux that Node runs on. */
const TICK_MICROS = 10_000;

const statusKib = (pid: number, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Highest resident memory since the process began: all of its threads. */
export const peakResidentMib = (pid: number): number => statusKib(pid, 'VmHWM') / MIB_KIB;

/** Resident memory now. */
export const residentMib = (pid: number): number => statusKib(pid, 'VmRSS') / MIB_KIB;

/** CPU microseconds by thread: the main one, the busiest other one (the database's), and all others (V8, libuv). */
export interface ThreadUsage {
  readonly main: number;
  readonly database: number;
  readonly others: number;
}

const ticksOf = (pid: number): Map<number, number> => {
  const ticks = new Map<number, number>();
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    let stat: string;
    try {
      stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
    } catch {
      continue; // The thread ended between the two reads.
    }
    // The name in brackets may hold spaces; user and system time are the 12th and 13th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks.set(Number(tid), Number(fields[11]) + Number(fields[12]));
  }
  return ticks;
};

/** Begins to count; the function that is returned says what was used since. Resolution: 10 ms for each thread. */
export const startCountingCpu = (pid: number): (() => ThreadUsage) => {
  const before = ticksOf(pid);
  return () => {
    const used = [...ticksOf(pid)].map(
      ([tid, ticks]) => [tid, (ticks - (before.get(tid) ?? 0)) * TICK_MICROS] as const,
    );
    const main = used.find(([tid]) => tid === pid)?.[1] ?? 0;
    const rest = used.filter(([tid]) => tid !== pid).map(([, micros]) => micros);
    const database = Math.max(0, ...rest);
    return { main, database, others: rest.reduce((sum, micros) => sum + micros, 0) - database };
  };
};
