/** Asking the server, and telling it. Who is not logged in any more comes back to the login. */
import { signal } from '@preact/signals';
import type { ErrorJson, SessionJson } from '../api-types.ts';
import { takeFirstAsked } from './first-asked.ts';
import { readNow } from './now.ts';

export const session = signal<SessionJson | null>(null);
/** Somebody was here, and is not any more without having said so. */
export const hasEnded = signal(false);
export const homeOf = (): SessionJson['home'] => session.value?.home ?? { kind: 'local' };
export const mayPutBack = (): boolean => session.value?.mayPutBack === true;
export const providerNames = (): readonly string[] => (session.value?.providers ?? []).map(({ name }) => name);

/** The release that this page came with, as its first answer says. */
let release: string | null = null;
/** Another one answers by now: what this page asks may mean something else there. */
export const isOutdated = signal(false);

const noteRelease = ({ headers }: Response): void => {
  const said = headers.get('X-Payhook-Version');
  if (said === null) return;
  release ??= said;
  isOutdated.value = said !== release;
};

/** When the person last asked for something: a session ends when that is too long ago. */
export const usedAt = signal(readNow());

/** What the server answers when it does not do what was asked, with a sentence for the person. */
export class ServerError extends Error {
  readonly code: string;
  /** What is down, here or behind the server: the same may be answered later. */
  readonly isPassing: boolean;

  constructor({ error, message }: ErrorJson, isPassing = false) {
    super(message);
    this.code = error;
    this.isPassing = isPassing;
  }
}

export const UNREACHABLE: ErrorJson = {
  error: 'unreachable',
  message: 'the console does not answer: is payhook console still running?',
};

const request = async <Answer>(path: string, init: RequestInit, underway?: Promise<Response>): Promise<Answer> => {
  const response = await respond(path, init, underway);
  return response.json().catch(() => {
    throw new ServerError(UNREACHABLE, true);
  });
};

/** Throws what the server says when it does not do what was asked. */
const respond = async (path: string, init: RequestInit, underway?: Promise<Response>): Promise<Response> => {
  const response = await (underway ?? fetch(path, { ...init, cache: 'no-store' })).catch(() => null);
  if (response === null) throw new ServerError(UNREACHABLE, true);
  noteRelease(response);
  if (response.ok) return response;
  const problem: ErrorJson = await response.json().catch(() => UNREACHABLE);
  if (problem.error === 'session_ended') {
    hasEnded.value ||= session.value !== null;
    session.value = null;
  }
  throw new ServerError(problem, response.status >= 500);
};

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Not asked by the person: it does not keep the session going. @default false */
  readonly isBackground?: boolean;
}

export const ask = <Answer>(
  path: string,
  { signal: abort, isBackground = false }: AskOptions = {},
): Promise<Answer> => {
  if (!isBackground) usedAt.value = readNow();
  const headers: HeadersInit = isBackground ? { 'X-Payhook-Background': '1' } : {};
  return request<Answer>(
    path,
    { ...(abort === undefined ? {} : { signal: abort }), headers },
    isBackground ? undefined : takeFirstAsked(path),
  );
};

const posted = (body: Readonly<Record<string, unknown>>): RequestInit => {
  usedAt.value = readNow();
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Payhook-CSRF': session.value?.csrf ?? '' },
    body: JSON.stringify(body),
  };
};

export const tell = <Answer>(path: string, body: Readonly<Record<string, unknown>>): Promise<Answer> =>
  request<Answer>(path, posted(body));

/** The answer as it comes. */
export const tellAndListen = (path: string, body: Readonly<Record<string, unknown>>): Promise<Response> =>
  respond(path, posted(body));

export const loadSession = async (): Promise<void> => {
  session.value = await ask<SessionJson>('/api/session');
  hasEnded.value = false;
};

/** Who somebody says they are, where operators are defined. */
export interface Claim {
  readonly name: string;
  readonly passphrase: string;
}

export const logIn = async (token: string, claim?: Claim): Promise<void> => {
  await tell('/api/login', { token, ...claim });
  await loadSession();
};

export const logOut = async (): Promise<void> => {
  await tell('/api/logout', {});
  session.value = null;
};
