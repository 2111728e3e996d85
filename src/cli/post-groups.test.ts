import { describe, expect, test } from 'vitest';
import { PayhookError } from '../core/errors.ts';
import type { Post } from './post-delivery.ts';
import { postGroups } from './post-groups.ts';

const answer = (httpStatus: number): Post => ({
  httpStatus,
  status: httpStatus === 200 ? 'accepted' : undefined,
  webhookId: undefined,
  error: undefined,
  durationMs: 1,
});

const unreachable = (): never => {
  throw new PayhookError('server_unreachable', 'nobody listens');
};

describe('postGroups', () => {
  test('posts each group in its order, and gives the answer of each delivery', async () => {
    const seen: string[] = [];
    const posted = await postGroups(
      [
        ['a1', 'a2', 'a3'],
        ['b1', 'b2'],
      ],
      async (item) => {
        seen.push(item);
        return answer(200);
      },
    );
    expect(seen.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(seen.filter((item) => item.startsWith('b'))).toEqual(['b1', 'b2']);
    expect(posted.map(({ item }) => item).toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
  });

  test('tries again what was answered busy, and what is refused for good it does not', async () => {
    const statuses = { busy: [429, 503, 200], refused: [401, 200] };
    const posted = await postGroups([['busy'], ['refused']] as const, async (item) =>
      answer(statuses[item].shift() ?? 500),
    );
    expect(Object.fromEntries(posted.map((one) => [one.item, one.answer.httpStatus]))).toEqual({
      busy: 200,
      refused: 401,
    });
  });

  test('a server that has answered before is waited for when it cannot be reached', async () => {
    let calls = 0;
    const posted = await postGroups([['a', 'b']], async () => {
      calls += 1;
      return calls === 2 ? unreachable() : answer(200);
    });
    expect([calls, posted.length]).toEqual([3, 2]);
  });

  test('a server that never answered is reported at once', async () => {
    let calls = 0;
    const posting = postGroups([['a', 'b']], async () => {
      calls += 1;
      return unreachable();
    });
    await expect(posting).rejects.toMatchObject({ code: 'server_unreachable' });
    expect(calls).toBe(1);
  });
});
