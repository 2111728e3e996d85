/** Conditions of a query that is put together, each with its values. */
import type { SQLInputValue } from 'node:sqlite';

export interface Sql {
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

export interface Conditions {
  readonly texts: string[];
  readonly values: SQLInputValue[];
}

export const noConditions = (): Conditions => ({ texts: [], values: [] });

export const and = ({ texts, values }: Conditions, text: string, ...more: readonly SQLInputValue[]): void => {
  texts.push(text);
  values.push(...more);
};

export const where = (texts: readonly string[]): string => (texts.length === 0 ? '' : ` WHERE ${texts.join(' AND ')}`);

/** Behind a place in a list that is ordered by time and position, newest first. */
export const andAfter = (conditions: Conditions, time: string, at: number, position: number): void =>
  // The first half is for the index, which SQLite would not look at for the second alone.
  and(conditions, `${time} <= ? AND (${time} < ? OR position < ?)`, at, at, position);

export interface Walk {
  /** Selects of one row each for whatever an index knows, merged in `order`. */
  readonly rows: (columns: string) => Sql;
  /** Columns that `rest` and the caller read. */
  readonly columns: string;
  /** Columns of the cursor. */
  readonly place: string;
  /** Those of them that are in the index. @default all */
  readonly indexed?: string | undefined;
  /** Columns of the page where nothing has to be looked for: what is listed is read at once. @default those of the cursor */
  readonly read?: string | undefined;
  readonly order: string;
  /** What no index knows. */
  readonly rest: Conditions;
  readonly limit: number;
  readonly lookAtMax: number;
}

export interface WalkSql {
  /** What is listed, one more than asked for where there is one. */
  readonly page: Sql;
  /** The last row that `page` may look at; null where it looks at no more than it lists. */
  readonly last: Sql | null;
}

/** A query that looks at `lookAtMax` rows of an index at most, whatever else is asked for. */
export const walkSql = ({ rows, columns, place, indexed, read, order, rest, limit, lookAtMax }: Walk): WalkSql => {
  if (rest.texts.length === 0) {
    const { text, values } = rows(read ?? place);
    return { page: { text: `${text} ${order} LIMIT ?`, values: [...values, limit + 1] }, last: null };
  }
  const keys = rows(indexed ?? place);
  const looked = rows(columns);
  return {
    page: {
      text: `SELECT ${place} FROM (${looked.text} ${order} LIMIT ?)${where(rest.texts)} LIMIT ?`,
      values: [...looked.values, lookAtMax, ...rest.values, limit + 1],
    },
    last: { text: `${keys.text} ${order} LIMIT 1 OFFSET ?`, values: [...keys.values, lookAtMax - 1] },
  };
};
