/** CHANGELOG.md, as https://keepachangelog.com has it: what is not released yet stands first. */

/** Kinds of changes that a release may have; any other heading is a note to ourselves. */
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
const UNRELEASED = 'Unreleased';

export interface Changelog {
  /** What the next release brings, without its heading. */
  readonly unreleased: string;
  /** Headings within it that have something below them. */
  readonly kinds: readonly string[];
  /** Headings within it that no release has. */
  readonly unknownKinds: readonly string[];
  /** Newest first. */
  readonly released: readonly string[];
}

/** Undefined when nothing is headed `## Unreleased`. */
export const readChangelog = (text: string): Changelog | undefined => {
  const [, ...sections] = text.split(/^## /m);
  const section = (sections[0] ?? '').trimEnd();
  if (section.split('\n', 1)[0] !== UNRELEASED) return undefined;
  const parts = section.split(/^### /m).slice(1);
  const kinds = parts.filter((part) => part.trim().includes('\n')).map((part) => part.split('\n', 1)[0] ?? '');
  return {
    unreleased: section.slice(UNRELEASED.length).trim(),
    kinds,
    unknownKinds: kinds.filter((kind) => !KINDS.includes(kind)),
    released: sections.slice(1).map((one) => one.split(/\s/, 1)[0] ?? ''),
  };
};

/** What is not released yet becomes that version, and the next one begins. */
export const cutChangelog = (text: string, version: string, date: string): string =>
  text.replace(`## ${UNRELEASED}\n`, `## ${UNRELEASED}\n\n## ${version} (${date})\n`);
