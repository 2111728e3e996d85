/** The incident, and the approval of a job, in homes on one machine; `test/aws/incident.test.ts` has those of the other one. */
import { afterAll } from 'vitest';
import { HOMES, type LocalHarness } from '../contract/homes.ts';
import { describeKilledApproval } from './approval-in-a-home.ts';
import { describeIncident } from './incident-in-a-home.ts';

const opened: LocalHarness[] = [];

afterAll(async () => {
  for (const home of opened) await home[Symbol.asyncDispose]();
});

for (const { name, open } of HOMES.filter((home) => /^memory$|^sqlite on its thread, handed over/.test(home.name))) {
  const openHome = async () => {
    const home = await open();
    opened.push(home);
    return { ports: home, clock: home.clock, settle: async () => undefined };
  };
  describeIncident(name, openHome);
  describeKilledApproval(name, openHome);
}
