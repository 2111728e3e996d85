/** An answer that comes line by line, while the server still works: a JSON object each. */
import { ServerError, UNREACHABLE } from './server.ts';

/** Ends where the connection does; throws when it breaks. */
export async function* readLines<Line>({ body }: Response): AsyncGenerator<Line> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; reader !== undefined; ) {
    const { done, value = '' } = await reader.read().catch(() => {
      throw new ServerError(UNREACHABLE);
    });
    if (done) return;
    const lines = (text + value).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Line;
  }
}
