/**
 * What keeps data is found by CloudFormation under its logical id, by everybody else under its name. When either changes, a
 * deployment makes a new one that is empty, and removes the old one or leaves it behind.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { DESTINATIONS, type Resource, type Synthesised, synthesise } from './synthesised.ts';

const TYPES = [
  'AWS::DynamoDB::Table',
  'AWS::Events::Archive',
  'AWS::Events::EventBus',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
];

let regulated: Synthesised;
let ephemeral: Synthesised;
beforeAll(() => {
  regulated = synthesise({ config: { aws: { retention: 'regulated' }, destinations: DESTINATIONS } });
  ephemeral = synthesise({ config: { destinations: DESTINATIONS } });
});

const keeping = (stack: Synthesised): readonly Resource[] => TYPES.flatMap((type) => stack.all(type));

const linesOf = (stack: Synthesised): readonly string[] =>
  keeping(stack)
    .map((resource) => [resource.Type, resource.logicalId, stack.nameOf(resource) ?? ''].join(' ').trim())
    .sort();

describe('what keeps data', () => {
  test('has the logical ids and names of the snapshot', async () => {
    await expect(`${linesOf(regulated).join('\n')}\n`).toMatchFileSnapshot('kept-data.snapshot.txt');
  });

  test('has the same ones in an ephemeral stack, and one more for who empties its buckets', () => {
    const more = linesOf(ephemeral).filter((line) => !linesOf(regulated).includes(line));

    expect(linesOf(regulated).filter((line) => !linesOf(ephemeral).includes(line))).toEqual([]);
    expect(more).toEqual([expect.stringContaining(' logs-bucket-cleaner-dev')]);
  });

  test('is all that outlives a regulated stack', () => {
    const outliving = regulated.resources.filter(({ DeletionPolicy }) => (DeletionPolicy ?? 'Delete') !== 'Delete');

    expect(outliving.length).toBeGreaterThan(10);
    expect(outliving.filter((resource) => !keeping(regulated).includes(resource))).toEqual([]);
  });
});
