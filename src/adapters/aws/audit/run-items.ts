/**
 * A run of audit entries as an item of the audit table, and back. The entries are compressed together: most of what one
 * says, the others say too.
 */
import assert from 'node:assert/strict';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { AuditEntry, ChainLink, LinkedEntry } from '../../../audit/audit.ts';
import { PayhookError } from '../../../core/errors.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { bytes, type Item, number, requiredBytes, requiredNumber, text, textOf } from '../dynamodb/values.ts';

/** The end of a chain that belongs to no webhook, and the run that holds its last entry. */
export interface ChainEndInRun extends ChainLink {
  readonly run: number;
}

export interface AuditRunItem {
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly createdAt: EpochMs;
  readonly entries: readonly AuditEntry[];
  /** The few chains that belong to no webhook, as they end after this run; carried on from run to run. */
  readonly ends: ReadonlyMap<string, ChainEndInRun>;
}

/** What is to be appended: entries as `packEntries` packed them, and the ends of chains that move with them. */
export interface PendingRun {
  readonly packed: PackedEntries;
  readonly ends: ReadonlyMap<string, ChainLink>;
}

export interface PackedEntries {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** The part of the table that holds runs. */
export const RUNS = 'runs';
/** Entries of one run: a batch of the stream makes at most two hundred. */
export const RUN_ENTRIES_MAX = 500;
/** An item holds 400 KB with its other attributes. Entries compress to a third: almost always the number is the limit. */
const PACKED_BYTES_MAX = 300 * 1024;
/** Of the entries before compression; more is not unpacked, so more is not packed. */
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;
/** Chains that belong to no webhook: rejections, operators, home and the like, and up to 16 of jobs of 0.2.0. */
const CHAIN_ENDS_MAX = 24;

type PackedEntry = readonly [chainId: string, text: string, hash: string];

/** The entries as a run holds them; undefined when they are too many or too large for one run. */
export const packEntries = (entries: readonly LinkedEntry[]): PackedEntries | undefined => {
  if (entries.length > RUN_ENTRIES_MAX) return undefined;
  const packed = entries.map(({ chainId, text: entryText, hash }): PackedEntry => [chainId, entryText, hash]);
  const unpacked = Buffer.from(JSON.stringify(packed), 'utf8');
  if (unpacked.length > UNPACKED_BYTES_MAX) return undefined;
  const compressed = zstdCompressSync(unpacked);
  return compressed.length > PACKED_BYTES_MAX ? undefined : { count: entries.length, bytes: compressed };
};

/** The item of the run that follows `last`. `token` tells it from a run that somebody else puts in the same place. */
export const runItemOf = (
  { packed, ends }: PendingRun,
  last: AuditRunItem | undefined,
  { createdAt, token }: { readonly createdAt: EpochMs; readonly token: string },
): Item => {
  assert(packed.count > 0, 'a run holds at least one entry');
  const firstPosition = (last?.lastPosition ?? 0) + 1;
  const moved = [...ends].map(([chainId, link]): [string, ChainEndInRun] => [chainId, { ...link, run: firstPosition }]);
  const allEnds = new Map([...(last?.ends ?? []), ...moved]);
  assert(allEnds.size <= CHAIN_ENDS_MAX, `at most ${CHAIN_ENDS_MAX} chains belong to no webhook`);
  return {
    part: text(RUNS),
    number: number(firstPosition),
    lastPosition: number(firstPosition + packed.count - 1),
    createdAt: number(createdAt),
    entries: bytes(packed.bytes),
    token: text(token),
    ends: text(JSON.stringify([...allEnds])),
  };
};

/** Reads a run; one that Payhook cannot have written is `store_damaged`. */
export const runOf = (auditTable: string, item: Item): AuditRunItem => {
  try {
    const firstPosition = requiredNumber(item, 'number');
    const unpacked = zstdDecompressSync(requiredBytes(item, 'entries'), { maxOutputLength: UNPACKED_BYTES_MAX });
    const packed: readonly PackedEntry[] = JSON.parse(unpacked.toString('utf8'));
    return {
      firstPosition,
      lastPosition: requiredNumber(item, 'lastPosition'),
      createdAt: requiredNumber(item, 'createdAt'),
      entries: packed.map(([chainId, entryText, hash], index) => ({
        position: firstPosition + index,
        chainId,
        text: entryText,
        hash,
      })),
      ends: new Map(JSON.parse(textOf(item, 'ends') ?? '[]') as [string, ChainEndInRun][]),
    };
  } catch (cause) {
    throw new PayhookError(
      'store_damaged',
      `the audit entries from position ${item.number?.N} on in table ${auditTable} cannot be read: something else than Payhook wrote them; compare with a restored copy of the table`,
      { cause },
    );
  }
};
