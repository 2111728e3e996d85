import { describe, expect, test } from 'vitest';
import { describeSilenceRecords } from '../../contract/silence-records-contract.ts';
import { auditDraft } from '../../support/audit-draft.ts';
import { DYNAMODB_SILENCE_RECORDS } from './dynamodb-silence-records.ts';

const { name } = DYNAMODB_SILENCE_RECORDS;
const { open } = DYNAMODB_SILENCE_RECORDS.use();

describeSilenceRecords(name, open);

describe('what was learnt of silence, on DynamoDB', () => {
  test('stands beside the trail and is no part of it', async () => {
    await using home = await open();
    await home.auditLog.append([auditDraft()]);
    await home.silence.put('learnt', 0);
    await home.auditLog.append([auditDraft()]);

    expect((await home.auditLog.read(0, 10)).map(({ position }) => position)).toEqual([1, 2]);
    expect((await home.auditLog.latest(10)).map(({ position }) => position)).toEqual([2, 1]);
    expect(await home.auditLog.lastDigest()).toBeUndefined();
  });
});
