/** A session in a running console, without a browser: what pages ask, as they ask it. */

export const CONSOLE_LINK = /http:\/\/127\.0\.0\.1:(\d+)\/login#([\w-]+)/;

export interface ConsoleSession {
  /** The whole answer, as text. Throws for any other than 200. `isBackground`: nobody has asked for it. */
  get(path: string, isBackground?: boolean): Promise<string>;
  post(path: string, body: unknown): Promise<string>;
  /** Until it is told to stop, calls back for each hint that something has changed. */
  follow(onHint: () => void, signal: AbortSignal): Promise<void>;
}

export const beginConsoleSession = async (link: string): Promise<ConsoleSession> => {
  const [, port = '', token = ''] = CONSOLE_LINK.exec(link) ?? [];
  const headers: Record<string, string> = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  const request = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    if (response.status !== 200) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    return response;
  };
  const login = await request('/api/login', { method: 'POST', headers, body: JSON.stringify({ token }) });
  await login.text();
  headers.cookie = login.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const background = { ...headers, 'x-payhook-background': '1' };
  const session = (await (await request('/api/session', { headers })).json()) as { readonly csrf: string };
  headers['x-payhook-csrf'] = session.csrf;
  return {
    get: async (path, isBackground = false) =>
      (await request(path, { headers: isBackground ? background : headers })).text(),
    post: async (path, body) => (await request(path, { method: 'POST', headers, body: JSON.stringify(body) })).text(),
    async follow(onHint, signal) {
      try {
        const { body } = await request('/api/hints', { headers: background, signal });
        for await (const part of body ?? []) if (Buffer.from(part).includes('event: changed')) onHint();
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
};
