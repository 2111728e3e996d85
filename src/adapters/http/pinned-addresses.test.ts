import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPinnedAddresses, type PinnedAddresses } from './pinned-addresses.ts';

const REMEMBERED_MS = 1000;

afterEach(() => {
  vi.restoreAllMocks();
});

const passTime = (ms: number): void => {
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + ms);
};

/** Answers with one list after the other, the last one forever. */
const answering = (...answers: readonly (readonly string[] | Error)[]) => {
  const asked: string[] = [];
  return {
    asked,
    resolve: async (host: string): Promise<readonly string[]> => {
      const answer = answers[Math.min(asked.length, answers.length - 1)] ?? [];
      asked.push(host);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
};

const create = (resolver: ReturnType<typeof answering>, arePrivateAddressesAllowed = false) =>
  createPinnedAddresses({ host: 'ledger.example', arePrivateAddressesAllowed, resolve: resolver.resolve });

/** What a connection would be made to. */
const askedByNet = async (pinned: PinnedAddresses, all: boolean): Promise<unknown> => {
  if (pinned.outcome !== 'pinned') return pinned;
  return new Promise((resolve) => {
    pinned.lookup('somewhere.else.example', { all }, (error, address) => resolve(error ?? address));
  });
};

describe('createPinnedAddresses', () => {
  test('answers whoever connects with the checked addresses and nothing else', async () => {
    const pinned = await create(answering(['1.1.1.1', '2606:4700:4700::1111']))();

    expect(await askedByNet(pinned, true)).toEqual([
      { address: '1.1.1.1', family: 4 },
      { address: '2606:4700:4700::1111', family: 6 },
    ]);
    expect(await askedByNet(pinned, false)).toBe('1.1.1.1');
  });

  test('refuses a name when only one of its addresses is private', async () => {
    expect(await create(answering(['1.1.1.1', '10.0.0.7', '9.9.9.9']))()).toEqual({
      outcome: 'refused',
      address: '10.0.0.7',
    });
  });

  test('takes private addresses where they are allowed', async () => {
    expect(await create(answering(['10.0.0.7']), true)()).toMatchObject({ outcome: 'pinned', key: '10.0.0.7' });
  });

  test('notices within a second that a name moved from a public to a private address, and back', async () => {
    const pinnedAddresses = create(answering(['1.1.1.1'], ['169.254.169.254'], ['9.9.9.9']));

    expect(await pinnedAddresses()).toMatchObject({ outcome: 'pinned', key: '1.1.1.1' });
    passTime(REMEMBERED_MS + 1);
    expect(await pinnedAddresses()).toEqual({ outcome: 'refused', address: '169.254.169.254' });
    passTime(REMEMBERED_MS + 1);
    expect(await pinnedAddresses()).toMatchObject({ outcome: 'pinned', key: '9.9.9.9' });
  });

  test('has one key for one set of addresses, in whatever order the resolver gives them', async () => {
    const pinnedAddresses = create(answering(['1.1.1.1', '9.9.9.9'], ['9.9.9.9', '1.1.1.1']));
    const first = await pinnedAddresses();
    passTime(REMEMBERED_MS + 1);

    expect(await pinnedAddresses()).toMatchObject({ key: 'key' in first ? first.key : '' });
  });

  test('asks the resolver once for calls at the same time and within a second', async () => {
    const resolver = answering(['1.1.1.1']);
    const pinnedAddresses = create(resolver);

    await Promise.all([pinnedAddresses(), pinnedAddresses()]);
    await pinnedAddresses();
    expect(resolver.asked).toEqual(['ledger.example']);

    passTime(REMEMBERED_MS + 1);
    await pinnedAddresses();
    expect(resolver.asked).toHaveLength(2);
  });

  test('says with its code that a name has no address, and asks again the next time', async () => {
    const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND ledger.example'), { code: 'ENOTFOUND' });
    const pinnedAddresses = create(answering(notFound, [], ['1.1.1.1']));

    expect(await pinnedAddresses()).toEqual({ outcome: 'unresolved', code: 'ENOTFOUND' });
    expect(await pinnedAddresses()).toEqual({ outcome: 'unresolved', code: 'ENODATA' });
    passTime(REMEMBERED_MS + 1);
    expect(await pinnedAddresses()).toMatchObject({ outcome: 'pinned' });
  });
});
