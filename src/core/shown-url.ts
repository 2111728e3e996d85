/** What may be shown of a URL: its path, query and user may be secrets, as in the address of a chat's incoming webhook. */

/** `https://hooks.chat.example/…`: the origin, and a sign that there is more. */
export const shownUrl = (url: string): string => {
  const parsed = URL.parse(url);
  if (parsed === null) return HIDDEN;
  const { protocol, username, password, host, pathname, search, hash } = parsed;
  const more = pathname.length <= 1 && search === '' && hash === '' ? '' : '…';
  const hasUser = username !== '' || password !== '';
  return `${protocol}//${hasUser ? '(hidden)@' : ''}${host}${hasUser || more !== '' ? '/' : ''}${more}`;
};

const HIDDEN = '[hidden]';
