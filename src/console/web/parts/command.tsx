/** The command that shows or does the same as the screen. */
import { useState } from 'preact/hooks';

const SAID_MS = 2000;

export interface CopyProps {
  readonly text: string;
  readonly label: string;
  /** A single key that presses it. */
  readonly pressedBy?: string;
}

export const Copy = ({ text, label, pressedBy }: CopyProps) => {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), SAID_MS);
  };
  return (
    <button type="button" data-key={pressedBy} onClick={() => void copy()}>
      {isCopied ? 'Copied' : label}
    </button>
  );
};

export const Command = ({ line }: { readonly line: string }) => (
  <details class="command">
    <summary class="button">CLI</summary>
    <div class="popup">
      <code>{line}</code>
      <Copy text={line} label="Copy" />
    </div>
  </details>
);
