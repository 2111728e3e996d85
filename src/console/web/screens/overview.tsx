/** Is money stuck? */
import type { OverviewJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, durationText } from '../format.ts';
import { hrefOf } from '../location.ts';
import { CAUSE_COLUMNS, causeLink, modeFilter } from '../parts/causes.tsx';
import { Command } from '../parts/command.tsx';
import { Filters, knownParams } from '../parts/filters.tsx';
import { FirstWebhook } from '../parts/first-webhook.tsx';
import { lazy } from '../parts/lazy.tsx';
import { LookedBackTo, MoneyAtRisk } from '../parts/money-at-risk.tsx';
import { Unanswered } from '../parts/problem.tsx';
import { RejectedShare } from '../parts/rejected-share.tsx';
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
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Answered overview={answer} asked={asked} params={params} />}
    </Screen>
  );
};

interface AnsweredProps {
  readonly overview: OverviewJson;
  readonly asked: Asked<OverviewJson>;
  readonly params: ReturnType<typeof knownParams>;
}

const Answered = ({ overview, asked, params }: AnsweredProps) => {
  const { causes, providers, destinations } = overview;
  return (
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
      <LookedBackTo at={causes.scannedUntil} />
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
        <Receiving overview={overview} />
        <Processing of={overview.processing} />
        <Destinations of={destinations} />
        <Trail of={overview.digest} />
      </div>
    </>
  );
};

const Receiving = ({ overview: { providers, deliveries } }: { readonly overview: OverviewJson }) => (
  <section>
    <h2>Receiving</h2>
    <RejectedShare of={deliveries} />
    <ul class="plain">
      {providers.map(({ name, title, newestAt, scannedUntil }) => (
        <li key={name}>
          <a href={hrefOf('/webhooks', [['provider', name]])}>{title}</a>{' '}
          {newestAt === null ? <Unheard until={scannedUntil} /> : <Ago at={newestAt} />}
        </li>
      ))}
    </ul>
  </section>
);

const Processing = ({ of: { queue, ended } }: { readonly of: OverviewJson['processing'] }) => (
  <section>
    <h2>Processing</h2>
    {queue === null ? (
      <p class="quiet">Since when the oldest waits, the dashboard of CloudWatch says.</p>
    ) : (
      <p>
        {queue.waiting === 0 ? 'Nothing waits' : `${countText(queue.waiting)}${queue.isMore ? ' or more' : ''} waiting`}
        {queue.oldestAt !== null && (
          <>
            , the oldest <Ago at={queue.oldestAt} />
          </>
        )}
      </p>
    )}
    {ended.tookMsP99 === null ? (
      <p class="quiet">None was tried and ended yet.</p>
    ) : (
      <p>
        99 in 100 ended within {durationText(ended.tookMsP99)}{' '}
        <span class="quiet">of the newest {countText(ended.webhooks)}, from received to ended</span>
      </p>
    )}
  </section>
);

const Destinations = ({ of }: { readonly of: OverviewJson['destinations'] }) => (
  <section>
    <h2>Destinations</h2>
    {of.length === 0 && <p class="quiet">None is configured.</p>}
    <ul class="plain">
      {of.map(({ name, waiting, givenUp, oldestEnqueuedAt }) => (
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
);

const Trail = ({ of: digest }: { readonly of: OverviewJson['digest'] }) => (
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
