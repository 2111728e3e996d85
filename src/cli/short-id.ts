/** The end of a webhook's id: enough to tell apart what stands on a screen, and taken back wherever an id is asked for. */

const SHORT_CHARS = 8;
/** In front of an id that is cut. */
const CUT = '…';

/** What tells one id from another: batches name their items by what all of them have, such as `:AUTHORISATION:true`. */
const TELLING = /[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*/g;

/** `stripe:evt_1bs4T2cdVCNOnSIO5K0XsXYV` becomes `…5K0XsXYV`. */
export const shortId = (webhookId: string): string => {
  const telling = [...webhookId.matchAll(TELLING)].filter(([part]) => part.length >= SHORT_CHARS).at(-1);
  const end = telling === undefined ? webhookId.length : telling.index + telling[0].length;
  const start = end - SHORT_CHARS;
  return start <= SHORT_CHARS ? webhookId : `${CUT}${webhookId.slice(start)}`;
};

/** Null for what is too short to mean one webhook. */
export const endOfShortId = (written: string): string | null => {
  const end = written.startsWith(CUT) ? written.slice(CUT.length) : written;
  return end.length >= SHORT_CHARS ? end : null;
};
