/**
 * What a page asks as soon as it is there, all at once: who looks at it, and what the screen at its address shows first. Neither
 * has to wait for the other: who may see what is decided where it is asked.
 */

/** By the address of a screen, what it asks first. One that is filtered asks for itself. */
const FIRST: Readonly<Record<string, string>> = {
  '/': '/api/overview',
  '/payments': '/api/payments',
  '/webhooks': '/api/webhooks',
  '/dead-letters': '/api/causes',
  '/deliveries': '/api/deliveries',
  '/destinations': '/api/destinations',
  '/jobs': '/api/jobs',
  '/approvals': '/api/approvals',
  '/settings': '/api/settings',
};

const underway = new Map<string, Promise<Response>>();

export const askFirst = ({ pathname, search }: Pick<Location, 'pathname' | 'search'>): void => {
  const first = search === '' && Object.hasOwn(FIRST, pathname) ? FIRST[pathname] : undefined;
  for (const path of ['/api/session', first]) {
    if (path === undefined) continue;
    const answer = fetch(path, { cache: 'no-store' });
    // Told to whoever takes it.
    answer.catch(() => undefined);
    underway.set(path, answer);
  }
};

/** The answer to what was asked already, once. */
export const takeFirstAsked = (path: string): Promise<Response> | undefined => {
  const answer = underway.get(path);
  underway.delete(path);
  return answer;
};

/** What is asked for from now on is asked anew. */
export const forgetFirstAsked = (): void => underway.clear();
