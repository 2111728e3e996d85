/** A handler that never ends: with one webhook at a time the worker is busy with it, and nothing runs beside receiving. */
export const handle = (): Promise<never> => new Promise(() => undefined);
