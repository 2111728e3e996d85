export const keepBucketCleanerInLine = (..._a: unknown[]) => undefined;
