/** Sizes for people. */

const UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/** `2879 B`, `36 KB`, `8.4 GB`: as exact as a person needs it, and as the console writes it. */
export const bytesText = (bytes: number): string => {
  if (bytes < 10_000) return `${bytes} B`;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length);
  const value = bytes / 1024 ** power;
  return `${power > 1 && value < 100 ? value.toFixed(1) : Math.round(value)} ${UNITS[power - 1]}`;
};
