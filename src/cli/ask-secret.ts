/** A secret from a person: typed without being shown, or a line on standard input where no person types. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { PayhookError } from '../core/errors.ts';

interface Input {
  readonly isTerminal: boolean;
  /** Everything on standard input. */
  readonly readInput: () => Promise<string>;
}

/** Each call asks for the next one. The question goes to standard error: what a command prints may go on elsewhere. */
export const createAskSecret = ({ isTerminal, readInput }: Input): ((question: string) => Promise<string>) => {
  let lines: Promise<string[]> | undefined;
  return async (question) => {
    if (isTerminal) return askAtTerminal(question);
    lines ??= readInput().then((all) => all.split(/\r?\n/));
    const line = (await lines).shift() ?? '';
    if (line !== '') return line;
    throw new PayhookError('usage_wrong', `standard input has no line for the ${question}`);
  };
};

const askAtTerminal = async (question: string): Promise<string> => {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asked = createInterface({ input: process.stdin, output: unseen, terminal: true });
  const ended = new AbortController();
  // Ctrl-C means to leave, and not an empty passphrase.
  asked.once('SIGINT', () => ended.abort());
  asked.once('close', () => ended.abort());
  process.stderr.write(`${question}: `);
  try {
    return await asked.question('', { signal: ended.signal });
  } catch (error) {
    if (ended.signal.aborted) throw new PayhookError('usage_wrong', `no ${question} was given`, { cause: error });
    throw error;
  } finally {
    process.stderr.write('\n');
    asked.close();
  }
};
