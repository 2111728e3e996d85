/** The operators of one machine in a file of its data directory, which only its owner may read. */
import type { Operator, OperatorStore } from '../../operators/operator.ts';
import { ROLES } from '../../operators/roles.ts';
import { parseSecretFile, readSecretFile, replaceSecretFile } from './secret-file.ts';

interface OperatorFile {
  readonly v: 1;
  readonly operators: readonly Operator[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** What may be asked of this machine: at most 256 MiB, and some seconds. */
const COSTS_MAX = { n: 2 ** 20, r: 32, p: 16 };
const BYTES_MAX = 256 * 2 ** 20;

const areCosts = ({ n, r, p }: { readonly n: number; readonly r: number; readonly p: number }): boolean =>
  [n, r, p].every((cost) => Number.isSafeInteger(cost) && cost > 0) &&
  Number.isInteger(Math.log2(n)) &&
  n > 1 &&
  n <= COSTS_MAX.n &&
  r <= COSTS_MAX.r &&
  p <= COSTS_MAX.p &&
  128 * n * r <= BYTES_MAX;

const isHash = (value: unknown): value is Operator['passphrase'] =>
  isObject(value) &&
  areCosts(value as unknown as Operator['passphrase']) &&
  typeof value.salt === 'string' &&
  typeof value.hash === 'string';

const isOperator = (value: unknown): value is Operator =>
  isObject(value) &&
  typeof value.name === 'string' &&
  (ROLES as readonly unknown[]).includes(value.role) &&
  isHash(value.passphrase) &&
  typeof value.addedAt === 'number';

const isOperatorFile = (value: unknown): value is OperatorFile =>
  isObject(value) && value.v === 1 && Array.isArray(value.operators) && value.operators.every(isOperator);

/** Reads the file with each call: whoever was removed is not there for a process that runs. */
export const createFileOperatorStore = (path: string): OperatorStore => ({
  all() {
    const text = readSecretFile(path);
    if (text === undefined) return [];
    const advice = 'put it back from a copy, or move it away and add the operators again';
    return parseSecretFile(path, text, isOperatorFile, advice).operators;
  },
  write(operators) {
    replaceSecretFile(path, `${JSON.stringify({ v: 1, operators } satisfies OperatorFile, null, 2)}\n`);
  },
});
