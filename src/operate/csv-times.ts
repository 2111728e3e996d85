/** Times of a file for people, in their zone: with the offset, so that they are the same moments. */
import { PayhookError } from '../core/errors.ts';

/** As `timeText` writes it. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** `2026-11-28T10:41:12.507+01:00` for every time among the fields. Throws `usage_wrong` for a zone that is none. */
export const timesIn = (
  timeZone: string,
): ((record: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) => {
  const format = formatOf(timeZone);
  const inZone = (moment: string): string => {
    const parts = new Map(format.formatToParts(new Date(moment)).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
    const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
    return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}${moment.slice(-5, -1)}${offset}`;
  };
  return (record) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        name,
        typeof value === 'string' && MOMENT.test(value) ? inZone(value) : value,
      ]),
    );
};

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  try {
    return new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    });
  } catch (error) {
    throw new PayhookError('usage_wrong', 'timeZone: a zone such as Europe/Berlin', { cause: error });
  }
};
