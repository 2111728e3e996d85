/** Messages on a pipe between two processes: four bytes that say how long the message is, then the message. */

const LENGTH_BYTES = 4;

export const frameOf = (message: Uint8Array): Uint8Array => {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + message.length);
  frame.writeUInt32BE(message.length);
  frame.set(message, LENGTH_BYTES);
  return frame;
};

export interface FrameReaderDeps {
  /** Bound on the memory that the other side can make us hold. */
  readonly messageBytesMax: number;
  readonly onMessage: (message: Buffer) => void;
  /** The other side does not keep to it. Nothing is read after that. */
  readonly onTooLarge: () => void;
}

/** Returns `read(chunk)`, to be called with all that arrives, in order. */
export const createFrameReader = ({ messageBytesMax, onMessage, onTooLarge }: FrameReaderDeps) => {
  let chunks: Buffer[] = [];
  let held = 0;
  /** Of the next frame; of its length alone while that is not known. */
  let wanted = LENGTH_BYTES;
  let isBroken = false;

  return (chunk: Buffer): void => {
    if (isBroken) return;
    chunks.push(chunk);
    held += chunk.length;
    while (held >= wanted) {
      const all = chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks);
      const end = LENGTH_BYTES + all.readUInt32BE();
      chunks = [all];
      wanted = end;
      if (end - LENGTH_BYTES > messageBytesMax) {
        isBroken = true;
        chunks = [];
        onTooLarge();
        return;
      }
      if (held < end) return;
      chunks = [all.subarray(end)];
      held -= end;
      wanted = LENGTH_BYTES;
      onMessage(all.subarray(LENGTH_BYTES, end));
    }
  };
};
