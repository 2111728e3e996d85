/**
 * Writes down what this checkout stores and queues, for the tests of the releases that follow. Run once for each release, in a
 * checkout of it, as README.md says.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestFolder, PROJECT_ROOT } from '../support/running-server.ts';
import { makeAwsFixture } from './make-aws-fixture.ts';
import { makeLocalFixture } from './make-local-fixture.ts';

const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
const [to = join(import.meta.dirname, 'fixtures', version)] = process.argv.slice(2);
const release = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT_ROOT, encoding: 'utf8' }).trim();
const write = (name: string, value: object): void =>
  writeFileSync(join(to, name), `${JSON.stringify(value, null, 2)}\n`);

const folder = createTestFolder();
mkdirSync(to, { recursive: true });
const { database, savedAt } = await makeLocalFixture(folder, to);
write('fixture.json', { release, savedAt });
write('aws.json', makeAwsFixture(database));
console.log(`fixtures of ${version} (${release}) are in ${to}`);
folder[Symbol.dispose]();
process.exit(0);
