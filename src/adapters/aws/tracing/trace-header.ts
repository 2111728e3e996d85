/** `X-Amzn-Trace-Id`, in which AWS hands a trace on: `Root=1-…;Parent=…;Sampled=1`. */

export interface TraceHeader {
  readonly traceId: string;
  /** The segment that what comes next belongs to; null when the header does not say. */
  readonly parentId: string | null;
  readonly isSampled: boolean;
}

const FIELDS = /^(?:[A-Za-z]{1,32}=[\w:,.|-]{1,128})(?:;[A-Za-z]{1,32}=[\w:,.|-]{1,128}){0,8}$/;

/** Undefined for what is no such header: nobody is traced by it then. */
export const readTraceHeader = (text: string | undefined): TraceHeader | undefined => {
  if (text === undefined || !FIELDS.test(text)) return undefined;
  const fields = new Map(text.split(';').map((field) => field.split('=', 2) as [string, string]));
  const traceId = fields.get('Root') ?? '';
  if (!/^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(traceId)) return undefined;
  const parentId = fields.get('Parent') ?? '';
  return {
    traceId,
    parentId: /^[0-9a-f]{16}$/.test(parentId) ? parentId : null,
    isSampled: fields.get('Sampled') === '1',
  };
};

export const writeTraceHeader = ({ traceId, parentId, isSampled }: TraceHeader): string =>
  [`Root=${traceId}`, ...(parentId === null ? [] : [`Parent=${parentId}`]), `Sampled=${isSampled ? 1 : 0}`].join(';');
