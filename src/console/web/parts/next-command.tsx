/** The command that is the next step where there is nothing: of this machine, as `send` is. */
import { commandLine } from '../command-line.ts';
import { Copy } from './command.tsx';

export const NextCommand = ({ words }: { readonly words: readonly string[] }) => {
  const line = commandLine({ kind: 'local' }, words);
  return (
    <p>
      <code>{line}</code> <Copy text={line} label="Copy" />
    </p>
  );
};
