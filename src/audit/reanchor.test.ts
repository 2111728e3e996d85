import { describe, expect, test } from 'vitest';
import { auditDraft } from '../../test/support/audit-draft.ts';
import { createTestHome } from '../../test/support/test-home.ts';
import { NO_HASH } from './audit.ts';
import { createCheckAudit } from './check.ts';
import { createReanchor } from './reanchor.ts';

const OPERATOR = { type: 'operator', id: 'ada' } as const;
const LOST = { number: 9, hash: 'f'.repeat(64) };

const open = async () => {
  const home = createTestHome();
  await home.auditLog.append([auditDraft({ chainId: 'home' })]);
  const last = await home.closeDigests();
  return { ...home, last: { number: last?.number ?? 0, hash: last?.hash ?? '' }, reanchor: createReanchor(home) };
};

describe('reanchoring', () => {
  test.each([
    ['an anchor that remembers more', LOST],
    ['an anchor that remembers another digest', { number: 1, hash: 'e'.repeat(64) }],
  ])('gives up what only %s has, in the trail, and digests are signed again', async (_, anchored) => {
    const home = await open();
    await home.anchor.write(anchored);
    await expect(home.closeDigests()).resolves.toBeUndefined();

    expect(await home.reanchor(OPERATOR, 'restored')).toEqual({
      outcome: 'reanchored',
      from: anchored,
      to: home.last,
    });

    expect(await home.closeDigests()).toMatchObject({ number: 2 });
    expect(await createCheckAudit(home)()).toMatchObject({ outcome: 'whole', digests: 2 });
    expect((await home.auditLog.latest(1))[0]?.text).toContain(
      `"change":{"from":"${anchored.number}:${anchored.hash}","to":"1:${home.last.hash}"}`,
    );
  });

  test('changes nothing while the anchor fits, or there is no digest yet', async () => {
    const home = await open();
    expect(await home.reanchor(OPERATOR, 'why not')).toEqual({ outcome: 'fits' });
    expect(await home.auditLog.latest(10)).toHaveLength(1);

    const empty = createTestHome();
    await empty.anchor.write({ number: 0, hash: NO_HASH });
    expect(await createReanchor(empty)(OPERATOR, 'why not')).toEqual({ outcome: 'fits' });
  });

  test('anchors nothing of a trail that is broken in itself', async () => {
    const home = await open();
    await home.anchor.write(LOST);
    const read: typeof home.auditLog.read = async (...page) =>
      (await home.auditLog.read(...page)).map((entry) => ({ ...entry, text: `${entry.text} ` }));

    const outcome = await createReanchor({ ...home, auditLog: { ...home.auditLog, read } })(OPERATOR, 'restored');

    expect(outcome).toMatchObject({ outcome: 'broken', check: { problem: { kind: 'edited' } } });
    expect(await home.anchor.read()).toEqual(LOST);
  });
});
