/** How much of what came was rejected, and whether that is more than it was. */
import type { DeliveryCountsJson } from '../../api-types.ts';
import { countText } from '../format.ts';
import { hrefOf } from '../location.ts';
import { homeOf } from '../server.ts';

type Hour = NonNullable<DeliveryCountsJson['lastHour']>;

/** Of a home that keeps no counts. */
export const unknownCounts = (): string =>
  homeOf().kind === 'aws'
    ? 'How many came and what became of them, the dashboard of CloudWatch says.'
    : 'No server runs here that says how many came.';

const cameIn = ({ accepted, duplicates, turnedAway }: Hour): number => accepted + duplicates + turnedAway;

/** Null where nothing came, of which there is no share. */
const shareOf = (hour: Hour | null): number | null => {
  const came = hour === null ? 0 : cameIn(hour);
  return hour === null || came === 0 ? null : hour.rejected / came;
};

/** `0.4 %`; one of many is not none. */
const shareText = (share: number): string =>
  share > 0 && share < 0.001 ? 'less than 0.1 %' : `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`;

export const RejectedShare = ({ of: { lastHour, hourBefore } }: { readonly of: DeliveryCountsJson }) => {
  if (lastHour === null) return <p class="quiet">{unknownCounts()}</p>;
  const share = shareOf(lastHour);
  if (share === null) return <p class="quiet">Nothing came in the last 60 minutes.</p>;
  return (
    <p>
      <a href={hrefOf('/deliveries', [['outcome', 'rejected']])}>Rejected</a> {shareText(share)} of{' '}
      {countText(cameIn(lastHour))} in 60 minutes <Trend from={shareOf(hourBefore)} to={share} />
    </p>
  );
};

/** The sign says what the words do: nobody has to see it. */
const Trend = ({ from, to }: { readonly from: number | null; readonly to: number }) => {
  if (from === null) return null;
  const sign = to === from ? '=' : to > from ? '▲' : '▼';
  return (
    <span class={to > from ? 'state bad' : 'quiet'}>
      <span aria-hidden="true">{sign} </span>
      {shareText(from)} before
    </span>
  );
};
