/** A check of a long trail is seen to go on: on a terminal, on standard error, and nowhere else. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkShowingProgress } from '../../src/cli/audit.ts';
import { auditDraft } from '../support/audit-draft.ts';
import { createTestHome } from '../support/test-home.ts';

const isTerminal = process.stderr.isTTY;
let written = '';

beforeEach(() => {
  written = '';
  process.stderr.isTTY = true;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = isTerminal;
});

const trailOf = async (entries: number) => {
  const home = createTestHome();
  await home.auditLog.append(Array.from({ length: entries }, () => auditDraft()));
  if (entries > 0) await home.closeDigests();
  return home;
};

test('a check on a terminal shows a bar that ends with all entries of the trail', async () => {
  const check = await checkShowingProgress(await trailOf(7), true);

  expect(check).toMatchObject({ outcome: 'whole', entries: 7 });
  expect(written).toContain('audit trail');
  expect(written).toMatch(/100% {2}7 entries, 1 signed digests/);
});

test('a trail without an entry has a bar too, and a check that nobody watches has none', async () => {
  await checkShowingProgress(await trailOf(0), true);
  expect(written).toContain('0 entries');

  written = '';
  await checkShowingProgress(await trailOf(3), false);
  expect(written).toBe('');
});
