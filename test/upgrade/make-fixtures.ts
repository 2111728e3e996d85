/**
 * Writes down what a release stores and queues, for the tests of this folder. Run in a checkout of the release, with its
 * packages installed, as README.md says:
 *
 *     node <this repository>/test/upgrade/make-fixtures.ts <release> <folder of its fixtures>
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeAwsFixture } from './make-aws-fixture.ts';
import { makeLocalFixture } from './make-local-fixture.ts';

const [release, folder] = process.argv.slice(2);
if (release === undefined || folder === undefined) throw new Error('say which release it is, and where fixtures go');

mkdirSync(folder, { recursive: true });
const { database, savedAt } = await makeLocalFixture(folder);
writeFileSync(join(folder, 'fixture.json'), `${JSON.stringify({ release, savedAt }, null, 2)}\n`);
const aws = await makeAwsFixture(database);
writeFileSync(join(folder, 'aws.json'), `${JSON.stringify(aws, null, 2)}\n`);
rmSync(dirname(database), { recursive: true });
// A handler of the server hangs for good.
process.exit(0);
