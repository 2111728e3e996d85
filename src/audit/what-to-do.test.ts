import { expect, test } from 'vitest';
import type { AuditCounts } from './check.ts';
import { problem } from './problem.ts';
import { advisedProblems } from './what-to-do.ts';

const COUNTS: AuditCounts = {
  entries: 1,
  digests: 0,
  begins: null,
  undigested: 1,
  webhooks: 0,
  webhooksOfBefore: 0,
  lastDigest: null,
};

test('each problem of the trail says what to do about it, and a whole trail says nothing', () => {
  const missing = problem('anchor_missing', 'the audit anchor is missing');
  const edited = problem('edited', 'entry 1 was edited', { position: 1 });

  expect(advisedProblems({ outcome: 'whole', ...COUNTS })).toEqual([]);
  expect(advisedProblems({ outcome: 'broken', ...COUNTS, problem: missing, problems: [missing, edited] })).toEqual([
    { ...missing, toDo: expect.stringContaining('payhook audit reanchor') },
    { ...edited, toDo: expect.stringContaining('security incident') },
  ]);
});
