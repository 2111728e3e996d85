import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('a page learns that another release answers by now, and forgets it where that was one answer only', async () => {
  const answers = ['0.2.0', '0.2.0', '0.3.0', null, '0.2.0'];
  vi.stubGlobal('fetch', async () => {
    const version = answers.shift() ?? null;
    return Response.json({}, { headers: version === null ? {} : { 'X-Payhook-Version': version } });
  });
  const { ask, isOutdated } = await import('./server.ts');

  const seen: boolean[] = [];
  while (answers.length > 0) {
    await ask('/api/jobs');
    seen.push(isOutdated.value);
  }

  expect(seen).toEqual([false, false, true, true, false]);
});
