import { describe, expect, test } from 'vitest';
import { createFrameReader, frameOf } from './frames.ts';

const open = (messageBytesMax = 100) => {
  const messages: string[] = [];
  let tooLarge = 0;
  const read = createFrameReader({
    messageBytesMax,
    onMessage: (message) => messages.push(message.toString('latin1')),
    onTooLarge: () => {
      tooLarge += 1;
    },
  });
  return { read, messages, tooLarge: () => tooLarge };
};

const MESSAGES = ['one', '', 'x'.repeat(100), 'last'];
const bytes = Buffer.concat(MESSAGES.map((message) => frameOf(Buffer.from(message))));

describe('createFrameReader', () => {
  test.each([1, 2, 3, 5, 7, 64, 1000])('reads the same messages in chunks of %i bytes', (chunkBytes) => {
    const { read, messages, tooLarge } = open();

    for (let at = 0; at < bytes.length; at += chunkBytes) read(bytes.subarray(at, at + chunkBytes));

    expect(messages).toEqual(MESSAGES);
    expect(tooLarge()).toBe(0);
  });

  test('refuses a message that is longer than allowed by its length alone, and reads nothing after it', () => {
    const { read, messages, tooLarge } = open(99);

    read(bytes);
    read(bytes);

    expect(messages).toEqual(MESSAGES.slice(0, 2));
    expect(tooLarge()).toBe(1);
  });
});
