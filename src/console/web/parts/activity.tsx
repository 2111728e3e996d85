/** What came over time, and what became of it: a few bars each, and the same as a table. */
import { useEffect, useRef } from 'preact/hooks';
import type { ActivityJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, durationText, timeText, words } from '../format.ts';
import { hrefOf, place } from '../location.ts';
import { zone } from '../preferences.ts';
import { homeOf } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { Command } from './command.tsx';
import { Export } from './export.tsx';
import { Problem, sentence } from './problem.tsx';
import { type Column, Table } from './table.tsx';
import { Time } from './value.tsx';

type Bucket = ActivityJson['buckets'][number];
type Series = 'received' | 'processed' | 'failed';

const WINDOWS = ['15m', '1h', '24h', '7d'] as const;
const USUAL = '1h';

const SERIES: readonly { readonly name: Series; readonly title: string; readonly status: string }[] = [
  { name: 'received', title: 'Received', status: '' },
  { name: 'processed', title: 'Processed', status: 'processed' },
  { name: 'failed', title: 'Failed', status: 'dead_lettered' },
];

const COLUMNS: readonly Column<Bucket>[] = [
  { name: 'From', cell: ({ from }) => <Time at={from} /> },
  ...([...SERIES.map(({ name }) => name), 'waiting'] as const).map(
    (name): Column<Bucket> => ({
      name: name === 'waiting' ? 'Still waiting' : `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      isNumber: true,
      cell: (bucket) => countText(bucket[name]),
    }),
  ),
];

/** `at`: when the screen was looked at; it is asked again where that is again. */
export const Activity = ({ at }: { readonly at: string | null }) => {
  const first = useRef(at);
  const { path, params } = place.value;
  const asked = params.get('window') ?? USUAL;
  const mode = params.get('mode') ?? '';
  const filters = [
    ['window', asked],
    ['mode', mode],
  ] as const;
  const { answer, problem, reload } = useAnswer<ActivityJson>(hrefOf('/api/activity', filters));
  useEffect(() => {
    if (at !== first.current) reload();
  }, [at]);
  return (
    <section aria-labelledby="activity-title">
      <div class="choices-head">
        <h2 id="activity-title">Over time</h2>
        <nav aria-label="How far back" class="choices">
          {WINDOWS.map((one) => (
            <a
              key={one}
              href={hrefOf(path, [...new Map(params).set('window', one === USUAL ? '' : one)])}
              aria-current={one === asked ? 'true' : undefined}
            >
              {one}
            </a>
          ))}
        </nav>
        <span class="actions">
          <Export list="activity" params={filters} />
          <Command line={commandLine(homeOf(), ['activity'], filters)} />
        </span>
      </div>
      {answer?.silent.map((said) => (
        <p key={said} class="problem">
          {sentence(said)}
        </p>
      ))}
      {problem !== null && <Problem of={problem} retry={reload} />}
      {answer !== null && <Graphs of={answer} mode={mode} />}
    </section>
  );
};

const sumOf = (buckets: readonly Bucket[], name: keyof Omit<Bucket, 'from'>): number =>
  buckets.reduce((sum, bucket) => sum + bucket[name], 0);

const peakOf = (buckets: readonly Bucket[], name: Series): number =>
  Math.max(0, ...buckets.map((bucket) => bucket[name]));

const Graphs = ({ of, mode }: { readonly of: ActivityJson; readonly mode: string }) => {
  const { buckets, bucketMs, since, isShortened } = of;
  const waiting = sumOf(buckets, 'waiting');
  // Of the same height: what failed is seen beside what came.
  const most = Math.max(1, peakOf(buckets, 'received'));
  return (
    <>
      <div class="graphs">
        {SERIES.map(({ name, title, status }) => (
          <figure key={name}>
            <figcaption>
              <a
                href={hrefOf('/webhooks', [
                  ['status', status],
                  ['mode', mode],
                  ['since', since],
                ])}
              >
                {title}
              </a>{' '}
              <strong>{countText(sumOf(buckets, name))}</strong>
            </figcaption>
            <Bars of={buckets} name={name} title={title} most={most} bucketMs={bucketMs} />
          </figure>
        ))}
      </div>
      <p class="quiet axis">
        <span>
          <Time at={buckets[0]?.from ?? since} />
        </span>
        <span>
          {durationText(bucketMs)} a bar, {countText(peakOf(buckets, 'received'))} at most
        </span>
        <span>now</span>
      </p>
      <p class="quiet">
        By when they came, and what they are by now.
        {waiting > 0 && ` ${countText(waiting)} of them still ${waiting === 1 ? 'waits' : 'wait'}.`}
        {isShortened && (
          <>
            {' '}
            More came than are counted here: these are the newest, back to <Time at={since} />.
          </>
        )}
      </p>
      <details>
        <summary>As a table</summary>
        <Table
          caption="Webhooks over time, oldest first"
          columns={COLUMNS}
          items={buckets.filter(({ received }) => received > 0)}
          keyOf={({ from }) => from}
        />
      </details>
    </>
  );
};

/** In units of the drawing: it is stretched to the width there is. */
const HEIGHT = 40;
const STEP = 10;
const GAP = 2;
/** One of a thousand is seen. */
const BAR_MIN = 2;

interface BarsProps {
  readonly of: readonly Bucket[];
  readonly name: Series;
  readonly title: string;
  readonly most: number;
  readonly bucketMs: number;
}

const Bars = ({ of, name, title, most, bucketMs }: BarsProps) => {
  return (
    <svg
      class={`bars ${name}`}
      viewBox={`0 0 ${of.length * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${title}: ${countText(sumOf(of, name))} in all, ${countText(peakOf(of, name))} at most in ${durationText(bucketMs)}`}
    >
      {of.map((bucket, index) => {
        const count = bucket[name];
        if (count === 0) return null;
        const height = Math.max(BAR_MIN, (count / most) * HEIGHT);
        return (
          <rect key={bucket.from} x={index * STEP} y={HEIGHT - height} width={STEP - GAP} height={height}>
            <title>{`${timeText(bucket.from, zone.value)}: ${countText(count)} ${words(name)}`}</title>
          </rect>
        );
      })}
      <line x1="0" x2={of.length * STEP} y1={HEIGHT} y2={HEIGHT} />
    </svg>
  );
};
