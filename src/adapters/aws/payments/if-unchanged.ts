/** Optimistic writes of one item: put if nobody has changed it since it was read, else pause and begin again. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Randomness } from '../../../core/ports/randomness.ts';
import { number } from '../dynamodb/values.ts';

/** Of those that change one item at a time, one gets through in each round: enough for twenty, with room to spare. */
export const TRIES_MAX = 40;
const PAUSE_MS = 20;
const PAUSE_MS_MAX = 200;

/** `tries` counts from 1. */
export const pauseAfter = (tries: number, randomness: Pick<Randomness, 'fraction'>): Promise<void> =>
  pause(randomness.fraction() * Math.min(PAUSE_MS_MAX, PAUSE_MS * tries));

const ofRevision = { '#revision': 'revision' };

/** The condition of a write; null is the revision of an item that is not stored yet. */
export const ifUnchanged = (revision: number | null) =>
  revision === null
    ? { ConditionExpression: 'attribute_not_exists(id)' }
    : {
        ConditionExpression: '#revision = :revision',
        ExpressionAttributeNames: ofRevision,
        ExpressionAttributeValues: { ':revision': number(revision) },
      };
