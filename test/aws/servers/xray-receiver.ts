/** Stands for the X-Ray daemon: takes its datagrams on a free port, and is as strict about them as X-Ray is documented to be. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface SegmentDocument {
  readonly id: string;
  readonly trace_id: string;
  readonly parent_id?: string;
  readonly type?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly start_time: number;
  readonly end_time: number;
  readonly fault?: boolean;
  readonly aws?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string | number | boolean>>;
  readonly links?: readonly { readonly trace_id: string }[];
}

export interface XrayReceiver extends AsyncDisposable {
  /** `host:port`, for `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly address: string;
  /** Documents so far, in the order in which they came. */
  readonly documents: readonly SegmentDocument[];
  /** What was sent and is no document of a segment. */
  readonly refused: readonly string[];
  /** Everything that was sent, as text. */
  text(): string;
  forget(): void;
}

const HEADER = '{"format":"json","version":1}\n';
const DOCUMENTS_MAX = 20_000;

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html, as far as our documents go. */
const problemOf = (document: SegmentDocument): string | null => {
  if (!/^[0-9a-f]{16}$/.test(document.id)) return 'id';
  if (!/^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(document.trace_id)) return 'trace_id';
  if (document.type !== 'subsegment' || !/^[0-9a-f]{16}$/.test(document.parent_id ?? ''))
    return 'no place in a segment';
  if (!/^[\p{L}\p{N}\s_.:/%&#=+\\\-@]{1,200}$/u.test(document.name)) return 'name';
  if (!(document.start_time > 1e9 && document.start_time < 1e10)) return 'start_time is not in seconds';
  if (!(document.end_time >= document.start_time)) return 'end_time';
  return null;
};

export const startXrayReceiver = async (): Promise<XrayReceiver> => {
  const documents: SegmentDocument[] = [];
  const refused: string[] = [];
  const texts: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message) => {
    const text = message.toString();
    if (texts.push(text) > DOCUMENTS_MAX) texts.shift();
    if (!text.startsWith(HEADER)) return void refused.push(text);
    const document: SegmentDocument = JSON.parse(text.slice(HEADER.length));
    const problem = problemOf(document);
    if (problem !== null) refused.push(`${problem}: ${text}`);
    else documents.push(document);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    documents,
    refused,
    text: () => texts.join('\n'),
    forget: () => {
      for (const list of [documents, refused, texts]) list.length = 0;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
};
