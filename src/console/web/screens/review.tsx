/** A day as a person goes through it: what operators did, what was opened, turned away, masked or is unexplained; and who did. */
import { useState } from 'preact/hooks';
import type { ReviewedJson, ReviewJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { counted } from '../counted.ts';
import { countText, words } from '../format.ts';
import { hrefOf, place } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { OnlyWithTrail } from '../parts/only-with-trail.tsx';
import { sentence, Unanswered } from '../parts/problem.tsx';
import { ReasonForm } from '../parts/reason-form.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Text, Time } from '../parts/value.tsx';
import { homeOf, tell } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

type Line = ReviewJson['lines'][number];

const SUBJECTS: readonly { readonly subject: Line['subject']; readonly title: string; readonly none: string }[] = [
  { subject: 'unexplained', title: 'Unexplained', none: 'Nothing was changed past Payhook.' },
  { subject: 'payloads', title: 'Payloads opened', none: 'No payload was opened.' },
  { subject: 'operators', title: 'Done by operators', none: 'Nobody did anything.' },
  { subject: 'card_data', title: 'Card data masked', none: 'No card data came.' },
  { subject: 'turned_away', title: 'Turned away', none: 'Everything that came was taken.' },
  { subject: 'home', title: 'Starts, stops, retention', none: 'No start, no stop, nothing removed.' },
];

const COLUMNS: readonly Column<Line>[] = [
  { name: 'Event', cell: ({ event }) => words(event.toLowerCase()) },
  { name: 'How many', isNumber: true, cell: ({ count }) => countText(count) },
  { name: 'Outcome', cell: ({ outcome }) => <State of={outcome} /> },
  { name: 'Actor', cell: ({ actor }) => <Text of={`${actor.type} ${actor.id}`} /> },
  { name: 'Reason', cell: ({ reason }) => (reason === null ? '' : <Text of={words(reason)} />) },
  { name: 'First', cell: ({ firstAt }) => <Time at={firstAt} /> },
  { name: 'Last', cell: ({ lastAt }) => <Time at={lastAt} /> },
];

const lineKey = ({ event, outcome, actor, reason }: Line): string =>
  `${event} ${outcome} ${actor.type} ${actor.id} ${reason ?? ''}`;

const DAY_MS = 86_400_000;
const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

const reviewHref = (day: string): string => hrefOf('/audit/review', [['day', day]]);

const TITLE = 'Daily review';

export const Review = () => (
  <OnlyWithTrail title={TITLE}>
    <OfDay />
  </OnlyWithTrail>
);

const OfDay = () => {
  const asked = place.value.params.get('day') ?? '';
  const { answer, problem, reload } = useAnswer<ReviewJson>(hrefOf('/api/audit/review', [['day', asked]]));
  const day = asked === '' ? (answer?.day ?? '') : asked;
  const title = day === '' ? TITLE : `${TITLE}, ${day}`;
  return (
    <Screen
      title={title}
      heading={<Text of={title} />}
      actions={
        <>
          {answer !== null && (
            <>
              <a class="button" href={reviewHref(dayAfter(answer.day, -1))}>
                ◂ Day before
              </a>
              {answer.day < answer.yesterday && (
                <a class="button" href={reviewHref(dayAfter(answer.day, 1))}>
                  Day after ▸
                </a>
              )}
              <a class="button" href={entriesHref(answer)}>
                Its entries
              </a>
            </>
          )}
          <Export list="review" params={[['day', day]]} />
          <Command line={commandLine(homeOf(), ['audit', 'review', ...(day === '' ? [] : [day])])} />
        </>
      }
    >
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Day key={answer.day} of={answer} reload={reload} />}
    </Screen>
  );
};

const entriesHref = ({ since, until }: ReviewJson): string =>
  hrefOf('/audit', [
    ['since', since],
    ['until', until],
  ]);

/** Of which part of the day it is true that nothing was found. */
const withinWhat = ({ lookedBackTo, actions }: ReviewJson): string =>
  lookedBackTo !== null ? ' in what was looked at' : actions.length === 0 ? ' so far' : '';

const Day = ({ of, reload }: { readonly of: ReviewJson; readonly reload: () => void }) => (
  <>
    <Standing of={of} reload={reload} />
    <p class="quiet">
      The day in UTC, {counted(of.entries, 'entry', 'entries')}. What webhooks come and go by is left out.
      {of.lookedBackTo !== null && (
        <>
          {' '}
          <strong>
            Looked back to <Time at={of.lookedBackTo} /> and no further
          </strong>
          : the day has more entries than that.
        </>
      )}
    </p>
    {SUBJECTS.map(({ subject, title }) => (
      <Subject key={subject} subject={subject} title={title} of={of} />
    ))}
    <section aria-label="Looked for, and not found">
      <h2>Looked for, and not found{withinWhat(of)}</h2>
      <ul class="plain quiet">
        {SUBJECTS.filter(({ subject }) => !has(of, subject)).map(({ subject, none }) => (
          <li key={subject}>✔ {none}</li>
        ))}
      </ul>
    </section>
    <Earlier of={of.newest} />
  </>
);

const has = ({ lines }: ReviewJson, subject: Line['subject']): boolean =>
  lines.some((line) => line.subject === subject);

interface SubjectProps extends Omit<(typeof SUBJECTS)[number], 'none'> {
  readonly of: ReviewJson;
}

const Subject = ({ subject, title, of }: SubjectProps) =>
  has(of, subject) ? (
    <section aria-label={title}>
      <h2>{title}</h2>
      <Table
        caption={title}
        columns={subject === 'turned_away' ? COLUMNS : COLUMNS.filter(({ name }) => name !== 'Reason')}
        items={of.lines.filter((line) => line.subject === subject)}
        keyOf={lineKey}
        linkOf={({ event, outcome, actor }) =>
          hrefOf('/audit', [
            ['event', event],
            ['outcome', outcome],
            ['actor', `${actor.type}:${actor.id}`],
            ['since', of.since],
            ['until', of.until],
          ])
        }
      />
    </section>
  ) : null;

const Standing = ({
  of: { day, reviews, actions },
  reload,
}: {
  readonly of: ReviewJson;
  readonly reload: () => void;
}) => {
  const [said, setSaid] = useState<ReviewedJson | null>(null);
  const known = [...(said === null ? [] : [said]), ...reviews.filter(({ at }) => at !== said?.at)];
  const [action] = actions;
  return (
    <div role="status">
      {known.map(({ by, at, note }) => (
        <p key={at} class="done">
          ✔ Reviewed by <Text of={by.id} /> <Time at={at} />
          {note !== null && (
            <span class="said">
              <Text of={note} />
            </span>
          )}
        </p>
      ))}
      {known.length === 0 && action?.isAllowed === false && (
        <p class="notice">Nobody has said yet that they went through this day. {sentence(action.why ?? '')}</p>
      )}
      {action === undefined && (
        <p class="notice">This day has not ended yet: it can be reviewed when it has, in UTC.</p>
      )}
      {known.length === 0 && action?.isAllowed === true && (
        <ReasonForm
          label={`Reviewed ${day}`}
          action={action}
          isReasonRequired={false}
          reasonLabel="What you noted, for the audit trail"
          says="Nobody has said yet that they went through this day. It stands in the trail under your name."
          onSend={async (reason) => {
            const note = reason.trim() === '' ? {} : { reason: reason.trim() };
            setSaid(await tell<ReviewedJson>('/api/audit/review', { day, ...note }));
            reload();
          }}
        />
      )}
    </div>
  );
};

const Earlier = ({ of }: { readonly of: readonly ReviewedJson[] }) => (
  <section aria-label="Reviews">
    <h2>Reviews</h2>
    {of.length === 0 && <p class="quiet">No day has been reviewed here yet.</p>}
    <ul class="plain">
      {of.map(({ day, by, at }) => (
        <li key={`${day} ${at}`}>
          <a href={reviewHref(day)}>
            <Text of={day} />
          </a>{' '}
          by <Text of={by.id} />, <Time at={at} />
        </li>
      ))}
    </ul>
  </section>
);
