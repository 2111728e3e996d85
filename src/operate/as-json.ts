/** Records as JSON has them: times are ISO 8601 text, whole numbers of any size decimal text, because JSON numbers end at 2^53. */
import { timeText } from './webhook-json.ts';

/** A copy; `times` are the members, at whatever depth, that hold a time as milliseconds or nothing. */
export const asJson = (record: object, times: ReadonlySet<string>): unknown =>
  JSON.parse(
    JSON.stringify(record, (name, value) => {
      if (typeof value === 'bigint') return value.toString();
      return times.has(name) && typeof value === 'number' ? timeText(value) : value;
    }),
  );
