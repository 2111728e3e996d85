/** What somebody who misspelt a name is likely to have meant. */

/** Edits, and a part of the name: beyond either it is another word. */
const EDITS_MAX = 3;
const EDITED_PART_MAX = 0.4;
/** Longer than any name of ours: comparing is quadratic, and what was written may be anything. */
const NAME_CHARS_MAX = 100;

/** Inserted, removed, replaced and swapped neighbouring characters between two texts. */
const editsBetween = (one: string, other: string): number => {
  let [before, last]: [readonly number[], readonly number[]] = [
    [],
    Array.from({ length: other.length + 1 }, (_, at) => at),
  ];
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, current];
  }
  return last[other.length] ?? 0;
};

/** The one of the names that is nearest, whatever the case; undefined when none is near. */
export const nearestName = (written: string, names: readonly string[]): string | undefined => {
  if (written.length > NAME_CHARS_MAX) return undefined;
  const asked = written.toLowerCase();
  const near = names
    .map((name) => ({ name, edits: editsBetween(asked, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= EDITS_MAX && edits <= EDITED_PART_MAX * Math.max(name.length, asked.length))
    .sort((one, other) => one.edits - other.edits);
  return near[0]?.name;
};

/** `did you mean mode?`, to follow a sentence that says what is not known; empty when nothing is near. */
export const didYouMean = (written: string, names: readonly string[]): string => {
  const near = nearestName(written, names);
  return near === undefined ? '' : `did you mean ${near}?`;
};
