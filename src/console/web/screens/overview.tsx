/** Is money stuck? */
import type { OverviewJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText } from '../format.ts';
import { hrefOf } from '../location.ts';
import { CAUSE_COLUMNS, causeLink, modeFilter } from '../parts/causes.tsx';
import { Command } from '../parts/command.tsx';
import { Filters, knownParams } from '../parts/filters.tsx';
import { FirstWebhook } from '../parts/first-webhook.tsx';
import { lazy } from '../parts/lazy.tsx';
import { MoneyAtRisk } from '../parts/money-at-risk.tsx';
import { Problem } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { Ago, Time } from '../parts/value.tsx';
import { homeOf } from '../server.ts';
import { type Asked, useAnswer } from '../use-answer.ts';

const Activity = lazy(async () => (await import('../parts/activity.tsx')).Activity, 'div');

const CAUSES_SHOWN = 8;

export const Overview = () => {
  const filters = [modeFilter()];
  const params = knownParams(filters);
  const asked = useAnswer<OverviewJson>(hrefOf('/api/overview', params));
  const { answer, problem, reload } = asked;
  return (
    <Screen title="Overview" actions={<Command line={commandLine(homeOf(), ['causes'], params)} />}>
      <Filters filters={filters} also={['window']} />
      {problem !== null && <Problem of={problem} retry={reload} />}
      {answer !== null && <Answered overview={answer} asked={asked} params={params} />}
    </Screen>
  );
};

interface AnsweredProps {
  readonly overview: OverviewJson;
  readonly asked: Asked<OverviewJson>;
  readonly params: ReturnType<typeof knownParams>;
}

const Answered = ({ overview: { causes, providers, destinations, digest }, asked, params }: AnsweredProps) => (
  <>
    {providers.every(({ newestAt }) => newestAt === null) && (
      <div class="empty">
        <FirstWebhook />
      </div>
    )}
    <MoneyAtRisk
      of={causes.total}
      asked={asked}
      givenUp={destinations.reduce((sum, { givenUp }) => sum + givenUp, 0)}
    />
    {causes.causes.length > 0 && (
      <section>
        <h2>
          Causes <a href="/dead-letters">all {causes.causes.length}</a>
        </h2>
        <Table
          caption="Causes, the most webhooks first"
          columns={CAUSE_COLUMNS}
          items={causes.causes.slice(0, CAUSES_SHOWN)}
          keyOf={({ cause }) => cause}
          linkOf={causeLink(params)}
        />
      </section>
    )}
    <Activity at={asked.answeredAt} />
    <div class="cards">
      <section>
        <h2>Receiving</h2>
        <ul class="plain">
          {providers.map(({ name, title, newestAt, scannedUntil }) => (
            <li key={name}>
              <a href={hrefOf('/webhooks', [['provider', name]])}>{title}</a>{' '}
              {newestAt === null ? <Unheard until={scannedUntil} /> : <Ago at={newestAt} />}
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>Destinations</h2>
        {destinations.length === 0 && <p class="quiet">None is configured.</p>}
        <ul class="plain">
          {destinations.map(({ name, waiting, givenUp, oldestEnqueuedAt }) => (
            <li key={name}>
              {name}: {countText(waiting)} waiting
              {oldestEnqueuedAt !== null && (
                <>
                  , the oldest <Ago at={oldestEnqueuedAt} />
                </>
              )}
              {givenUp > 0 && <span class="state bad"> ✖ {countText(givenUp)} given up</span>}
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>Audit trail</h2>
        {digest === null ? (
          <p class="quiet">No digest yet.</p>
        ) : (
          <p>
            Signed up to entry {countText(digest.lastPosition)}, <Ago at={digest.createdAt} />
          </p>
        )}
        <p>
          <a href="/audit">Is it whole?</a>
        </p>
      </section>
    </div>
  </>
);

const Unheard = ({ until }: { readonly until: string | null }) => (
  <span class="quiet">
    {until === null ? (
      'nothing yet'
    ) : (
      <>
        not since <Time at={until} />
      </>
    )}
  </span>
);
