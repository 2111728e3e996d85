/** The life stories of payments once more, as a person would try them: each body sent with one command, and what came of it shown. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonLines, runHere } from '../cli/run-here.ts';
import {
  problemsOfNews,
  problemsOfSums,
  readStories,
  type Shown,
  STORIES_MISSING,
  type Story,
  type Telling,
  type Told,
} from '../payments/stories.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { createTestFolder, startLocalServer, writeSetup } from '../support/running-server.ts';

interface ShownWebhook extends Shown {
  readonly status: Told['status'];
  readonly events: Told['events'];
}

/** A server whose Adyen account captures as the stories say, and a way to tell it a story over HTTP and read the answers. */
const openTeller = async (isCaptureAutomatic: boolean) => {
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
    async tell(story: Story, order: readonly number[]): Promise<Telling> {
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

const isAutomatic = ({ settings }: Story): boolean => settings?.isAdyenCaptureAutomatic ?? false;

describeUnless(STORIES_MISSING, 'Over HTTP and the command line', () => {
  test.each([false, true])('every story is right where Adyen captures by itself: %s', async (isCaptureAutomatic) => {
    await using teller = await openTeller(isCaptureAutomatic);
    const problems: string[] = [];
    for (const story of readStories().filter((one) => isAutomatic(one) === isCaptureAutomatic)) {
      const telling = await teller.tell(
        story,
        story.bodies.map((_, index) => index + 1),
      );
      const found = [...(await problemsOfSums(story, telling)), ...problemsOfNews(story, telling)];
      problems.push(...found.map((problem) => `${story.name}: ${problem}`));
    }

    expect(problems).toEqual([]);
  });

  test('every story adds up to the same backwards, each delivery sent twice', async () => {
    await using teller = await openTeller(false);
    const problems: string[] = [];
    for (const story of readStories().filter((one) => !isAutomatic(one))) {
      const backwards = story.bodies.map((_, index) => story.bodies.length - index);
      const telling = await teller.tell(story, [...backwards, ...backwards]);
      problems.push(...(await problemsOfSums(story, telling)).map((problem) => `${story.name}: ${problem}`));
    }

    expect(problems).toEqual([]);
  });
});
