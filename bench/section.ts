/** What a section of the benchmark is given. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadGenerator } from './load-generator.ts';
import type { SectionReport } from './report.ts';

export interface SectionContext {
  readonly load: LoadGenerator;
  /** A small run: shows that the benchmark works, its numbers are rough. */
  readonly isQuick: boolean;
  /** A directory that is not there yet; everything under it is removed at the end. */
  readonly newDirectory: (name: string) => string;
  readonly profileDirectory: string | undefined;
  /** What to measure against, in turns; undefined where nothing was asked for. */
  readonly against: string | undefined;
  /** Says what is going on, for people who wait. */
  readonly progress: (text: string) => void;
}

export type Section = (context: SectionContext) => Promise<SectionReport>;

/** Connections at full load: enough to keep server and disk busy, few enough that waiting in line stays short. */
export const CONNECTIONS = 64;
/**
 * Load before the clock starts, so that V8 has compiled what is hot: at 64 connections on two slow cores the rate still rose by
 * a fifth after 5,000 webhooks, and not any more after 20,000.
 */
export const warmUpMs = (isQuick: boolean): number => (isQuick ? 1500 : 15_000);

export const createDirectories = (root: string): ((name: string) => string) => {
  mkdirSync(root, { recursive: true });
  let made = 0;
  return (name) => {
    made += 1;
    return join(root, `${made}-${name}`);
  };
};
