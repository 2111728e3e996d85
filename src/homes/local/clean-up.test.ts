import { expect, test } from 'vitest';
import { createCleanUp } from './clean-up.ts';

test('what was opened last is closed first, once', async () => {
  const closed: string[] = [];
  const cleanUp = createCleanUp();
  cleanUp.defer(() => closed.push('lock'));
  cleanUp.defer(async () => closed.push('database'));

  await cleanUp.close();
  await cleanUp.close();

  expect(closed).toEqual(['database', 'lock']);
});

test('what cannot be closed keeps nothing else open, and is thrown', async () => {
  const closed: string[] = [];
  const cleanUp = createCleanUp();
  const broken = new Error('the disk is gone');
  cleanUp.defer(() => closed.push('lock'));
  cleanUp.defer(() => Promise.reject(broken));

  await expect(cleanUp.close()).rejects.toBe(broken);

  expect(closed).toEqual(['lock']);
});

test('several things that cannot be closed are all told', async () => {
  const cleanUp = createCleanUp();
  cleanUp.defer(() => Promise.reject(new Error('first')));
  cleanUp.defer(() => Promise.reject(new Error('second')));

  await expect(cleanUp.close()).rejects.toMatchObject({ errors: [{ message: 'second' }, { message: 'first' }] });
});
