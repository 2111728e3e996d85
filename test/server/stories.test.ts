/** The life stories of payments once more, as a person would try them: each body sent with one command, and what came of it shown. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { OWN_STORIES } from '../payments/own-stories.ts';
import { readStories, type Shown, STORIES_MISSING, type Story, type Told } from '../payments/stories.ts';
import {
  isAutomatic,
  problemsBackwards,
  problemsInOrder,
  problemsShuffled,
  type Teller,
} from '../payments/story-problems.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { createTestFolder, startLocalServer, writeSetup } from '../support/running-server.ts';

interface ShownWebhook extends Shown {
  readonly status: Told['status'];
  readonly events: Told['events'];
}

/** A server, and a way to tell it a story over HTTP and read the answers. */
const openTeller = async (isCaptureAutomatic: boolean): Promise<Teller & AsyncDisposable> => {
  const folder = createTestFolder();
  const setup = { config: { providers: { stripe: {}, paypal: {}, square: {}, adyen: { isCaptureAutomatic } } } };
  const server = await startLocalServer({ folder, ...setup });
  const env = writeSetup(folder, setup);
  const run = async (...args: readonly string[]): Promise<readonly Shown[]> => {
    const ran = await runHere([...args, '--json'], env);
    return jsonLines(ran) as readonly Shown[];
  };

  const sendBody = async ({ name, provider, bodies }: Story, body: number): Promise<Told> => {
    const file = join(folder.path, `${name}-${body}.json`);
    writeFileSync(file, JSON.stringify(bodies[body - 1]));
    const shown = await run('send', provider, '--file', file, '--show', '--url', server.url);
    const webhook = shown.at(-1) as ShownWebhook | undefined;
    if (webhook === undefined) throw new Error(`body ${body} of ${name} was not shown`);
    const { status, events } = webhook;
    return { body, status, events };
  };
  return {
    storiesAtOnce: 1,
    async tell(story, order) {
      const told: Told[] = [];
      for (const body of order) told.push(await sendBody(story, body));
      return { told, find: (id) => run('payments', 'show', id) };
    },
    async [Symbol.asyncDispose]() {
      await server.running.stop('test over');
      folder[Symbol.dispose]();
    },
  };
};

describeUnless(STORIES_MISSING, 'Over HTTP and the command line', () => {
  test.each([false, true])('every story is right where Adyen captures by itself: %s', async (isCaptureAutomatic) => {
    await using teller = await openTeller(isCaptureAutomatic);
    const stories = [...readStories(), ...OWN_STORIES].filter((story) => isAutomatic(story) === isCaptureAutomatic);

    expect(await problemsInOrder(teller, stories)).toEqual([]);
  });

  test.each([
    ['backwards', problemsBackwards],
    ['shuffled', problemsShuffled],
  ])('every story adds up to the same %s, each delivery sent twice', async (_, problemsOf) => {
    await using teller = await openTeller(false);
    const stories = [...readStories(), ...OWN_STORIES].filter((story) => !isAutomatic(story));

    expect(await problemsOf(teller, stories)).toEqual([]);
  });
});
