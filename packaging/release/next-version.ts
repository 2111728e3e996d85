/** Which version comes next: https://semver.org, with the rule for 0.y.z that a minor version may break what was. */

const parse = (version: string): readonly number[] | undefined =>
  /^(\d+)\.(\d+)\.(\d+)$/.exec(version)?.slice(1).map(Number);

const stepsFrom = ([major = 0, minor = 0, patch = 0]: readonly number[]) => ({
  patch: `${major}.${minor}.${patch + 1}`,
  minor: `${major}.${minor + 1}.0`,
  major: `${major + 1}.0.0`,
});

export type NextVersion =
  | { readonly outcome: 'known'; readonly version: string }
  | { readonly outcome: 'refused'; readonly sentence: string };

/** `kinds`: headings of the changelog. `wanted`: what a person asked for; without it, the smallest step that fits. */
export const nextVersion = (current: string, kinds: readonly string[], wanted: string | undefined): NextVersion => {
  const numbers = parse(current);
  if (numbers === undefined)
    return refused(`package.json has version ${current}: it has to be three numbers, as 1.2.3`);
  const { patch, minor, major } = stepsFrom(numbers);
  const isPatch = kinds.every((kind) => kind === 'Fixed' || kind === 'Security');
  const version = wanted ?? (isPatch ? patch : minor);
  if (![patch, minor, major].includes(version)) {
    return refused(`${version} does not come after ${current}: say ${patch}, ${minor} or ${major}`);
  }
  if (version === patch && !isPatch) {
    return refused(`${version} may only mend, and CHANGELOG.md says more than "Fixed": say ${minor} or ${major}`);
  }
  return { outcome: 'known', version };
};

const refused = (sentence: string): NextVersion => ({ outcome: 'refused', sentence });
