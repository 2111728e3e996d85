/**
 * The file that goes with every export of the trail and says, on any Node and without Payhook, whether the export is whole. Kept
 * as text, in words that Node 12 knows: it has to run where nothing of ours is, years from now. `test/cli/audit-export.test.ts` runs it.
 */
export const OFFLINE_VERIFIER = `'use strict';
// Is this export of an audit trail whole? Run: node verify.cjs [--digest <number>:<hash>]
// Needs Node 12 or newer, no package, no network. Ends with 0 when it is whole, and with 1 when it is not.
//
// entries.ndjson  a line for each entry: position, chainId, text, hash. hash is the SHA-256 of text, and text is JSON whose
//                 prevHash is the hash of the entry before it in its chain (64 zeros in the first one).
// digests.ndjson  a line for each digest. hash is the SHA-256 of the JSON array [number, firstPosition, lastPosition,
//                 entryHashes, previousHash, createdAt]; entryHashes are the hashes of the entries of these positions, one
//                 after the other; signature is over the text "payhook-audit-digest-1:" and hash.
// keys.json       the public keys by keyId, as PEM: Ed25519, or ECDSA on P-256 with SHA-256.
// manifest.json   what was exported, and where the trail begins when its beginning had its time and was removed: signed, over
//                 "payhook-audit-trail-start-1:<digestNumber>:<digestHash>:<lastPosition>:<removedAt>".
const fs = require('fs');
const path = require('path');
const crypto = require('crypto');

const PROBLEMS_MAX = 20;
const NO_HASH = '0'.repeat(64);
const problems = [];
const sha256 = (text) => crypto.createHash('sha256').update(text, 'utf8').digest('hex');
const report = (where, what) => {
  if (problems.length < PROBLEMS_MAX) problems.push(where + ' ' + what);
};
const fileOf = (name) => path.join(__dirname, name);
const readJson = (name) => {
  try {
    return JSON.parse(fs.readFileSync(fileOf(name), 'utf8'));
  } catch (error) {
    console.log('this export is NOT whole: ' + name + ' cannot be read: ' + error.message);
    return process.exit(1);
  }
};

function* linesOf(name) {
  const file = fs.openSync(fileOf(name), 'r');
  const chunk = Buffer.alloc(1 << 20);
  let rest = Buffer.alloc(0);
  try {
    for (;;) {
      const read = fs.readSync(file, chunk, 0, chunk.length, null);
      if (read === 0) break;
      let bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
        yield bytes.subarray(0, end).toString('utf8');
        bytes = bytes.subarray(end + 1);
      }
      rest = bytes;
    }
    if (rest.length > 0) yield rest.toString('utf8');
  } finally {
    fs.closeSync(file);
  }
}

const parsed = (name, number, line) => {
  try {
    const value = JSON.parse(line);
    if (value !== null && typeof value === 'object') return value;
  } catch (_) {
    // Told below.
  }
  report('line ' + number + ' of ' + name, 'is not what was exported: it is no JSON object');
  return undefined;
};

const keys = new Map();
for (const one of readJson('keys.json')) keys.set(one.keyId, crypto.createPublicKey(one.publicKey));
const isSigned = (keyId, text, signature) => {
  const key = keys.get(keyId);
  if (key === undefined) return false;
  try {
    const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    return crypto.verify(hash, Buffer.from(text, 'utf8'), key, Buffer.from(String(signature), 'base64'));
  } catch (_) {
    return false;
  }
};

const manifest = readJson('manifest.json');
const begins = manifest.begins;
if (begins !== null) {
  const text = [begins.digestNumber, begins.digestHash, begins.lastPosition, begins.removedAt].join(':');
  if (!isSigned(begins.keyId, 'payhook-audit-trail-start-1:' + text, begins.signature)) {
    report('the mark where the trail begins', 'was edited: its signature does not fit');
  }
}

// Digests: read once, in step with the entries that they cover.
const digests = linesOf('digests.ndjson');
let digestLine = 0;
let previous = begins === null
  ? { number: 0, hash: NO_HASH, lastPosition: 0 }
  : { number: begins.digestNumber, hash: begins.digestHash, lastPosition: begins.lastPosition };
let digestsRead = 0;
const nextDigest = () => {
  const step = digests.next();
  if (step.done) return undefined;
  digestLine += 1;
  const digest = parsed('digests.ndjson', digestLine, step.value);
  if (digest === undefined) return nextDigest();
  const where = 'digest ' + digest.number;
  const fields = ['number', 'firstPosition', 'lastPosition', 'entryHashes', 'previousHash', 'createdAt'];
  if (digest.number !== previous.number + 1) report('digest ' + (previous.number + 1), 'is missing, before ' + where);
  if (sha256(JSON.stringify(fields.map((field) => digest[field]))) !== digest.hash) {
    report(where, 'was edited: its hash does not fit its content');
  } else if (!isSigned(digest.keyId, 'payhook-audit-digest-1:' + digest.hash, digest.signature)) {
    report(where, 'does not carry a signature of key ' + digest.keyId);
  } else if (digest.previousHash !== previous.hash || digest.firstPosition !== previous.lastPosition + 1) {
    report(where, 'does not follow the digest before it');
  }
  previous = digest;
  digestsRead += 1;
  return digest;
};

// Entries: each by itself, in its chain, and under its digest.
const chains = new Map();
const gaps = new Map();
const suspects = new Map();
const gapKey = (chain, after) => chain + ' ' + after;

const checkLink = (entry, record, where) => {
  const last = chains.get(entry.chainId);
  const isFirst = record.seq === 1 && record.prevHash === NO_HASH;
  // A webhook that had its time and is delivered once more begins anew.
  const isLaterLife = isFirst && last !== undefined && entry.chainId.includes('@');
  const isUnknown = last === undefined && begins !== null;
  const follows = last !== undefined && record.seq === last.seq + 1 && record.prevHash === last.hash;
  if (follows || isLaterLife || isUnknown || (last === undefined && isFirst)) {
    chains.set(entry.chainId, { seq: record.seq, hash: entry.hash });
    return;
  }
  const after = last === undefined ? NO_HASH : last.hash;
  if (record.seq > (last === undefined ? 0 : last.seq) + 1) {
    // What a change feed had given up on comes late: the entry after it names it by its hash.
    gaps.set(gapKey(entry.chainId, after), { wanted: record.prevHash, where });
    chains.set(entry.chainId, { seq: record.seq, hash: entry.hash });
    return;
  }
  const gap = gaps.get(gapKey(entry.chainId, record.prevHash));
  if (gap !== undefined) {
    gaps.delete(gapKey(entry.chainId, record.prevHash));
    if (gap.wanted !== entry.hash) gaps.set(gapKey(entry.chainId, entry.hash), gap);
    return;
  }
  if (last !== undefined && last.hash === entry.hash) return;
  if (record.seq === last.seq + 1) report(where, 'does not follow the entry before it in its chain');
  else suspects.set(entry.position, { where, hash: entry.hash, chainId: entry.chainId });
};

let position = previous.lastPosition;
let entriesRead = 0;
let entryLine = 0;
let digest;
let hashes = [];
const closeDigest = () => {
  if (digest === undefined || hashes.join('') === digest.entryHashes) return;
  const expected = String(digest.entryHashes).match(/.{64}/g) || [];
  const at = expected.findIndex((hash, index) => hash !== hashes[index]);
  const place = at < 0 ? expected.length : at;
  report('entry ' + (digest.firstPosition + place), 'is not the one that digest ' + digest.number + ' signs');
};
for (const line of linesOf('entries.ndjson')) {
  entryLine += 1;
  const entry = parsed('entries.ndjson', entryLine, line);
  if (entry === undefined) continue;
  entriesRead += 1;
  const where = 'entry ' + entry.position + ' of chain ' + entry.chainId;
  if (entry.position !== position + 1) {
    const isBack = entry.position <= position;
    report('entry ' + (isBack ? entry.position : position + 1), isBack ? 'is not in its place, or there twice' : 'is missing');
  }
  position = entry.position;
  if (sha256(String(entry.text)) !== entry.hash) report(where, 'was edited: its hash does not fit its text');
  else {
    const record = parsed('entries.ndjson', entryLine, entry.text);
    if (record === undefined) continue;
    if (record.chain !== entry.chainId) report(where, 'was moved here from chain ' + record.chain);
    else checkLink(entry, record, where);
  }
  if (digest === undefined || position > digest.lastPosition) {
    closeDigest();
    hashes = [];
    do digest = nextDigest();
    while (digest !== undefined && digest.lastPosition < position);
    if (digest === undefined) report(where, 'is signed by no digest of this export');
  }
  if (digest !== undefined) hashes.push(entry.hash);
}
closeDigest();
while (nextDigest() !== undefined) report('digest ' + previous.number, 'signs entries that are not in this export');

// The very same entry, come again, takes nothing away.
if (suspects.size > 0) {
  const repeated = new Set();
  const known = new Map([...suspects.values()].map((one) => [one.chainId + ' ' + one.hash, 0]));
  for (const line of linesOf('entries.ndjson')) {
    let entry;
    try { entry = JSON.parse(line); } catch (_) { continue; }
    const key = entry.chainId + ' ' + entry.hash;
    if (!known.has(key)) continue;
    if (known.get(key) > 0) repeated.add(entry.position);
    known.set(key, known.get(key) + 1);
  }
  for (const [at, one] of suspects) if (!repeated.has(at)) report(one.where, 'was reordered or written twice');
}
for (const gap of gaps.values()) report(gap.where, 'follows an entry of its chain that is missing');

const end = previous.number + ':' + previous.hash;
if (manifest.lastDigest.number + ':' + manifest.lastDigest.hash !== end) {
  report('the end', 'is cut off: digest ' + manifest.lastDigest.number + ' was the last one that was exported');
}
if (manifest.entries !== entriesRead) report('the manifest', 'says ' + manifest.entries + ' entries, and there are ' + entriesRead);
const given = process.argv.indexOf('--digest');
if (given >= 0) {
  const wanted = String(process.argv[given + 1]);
  let found = false;
  for (const line of linesOf('digests.ndjson')) {
    try {
      const one = JSON.parse(line);
      found = found || one.number + ':' + one.hash === wanted;
    } catch (_) {
      // Told above.
    }
  }
  if (!found) report('digest ' + wanted, 'is not in this export: it is of another trail, older, or was rewritten');
}

if (problems.length > 0) {
  console.log('this export is NOT whole: ' + problems[0]);
  for (const one of problems.slice(1)) console.log('and: ' + one);
  if (problems.length === PROBLEMS_MAX) console.log('and there may be more');
  process.exitCode = 1;
} else {
  console.log('this export is whole: ' + entriesRead + ' entries, ' + digestsRead + ' signed digests');
  if (begins !== null) console.log('it begins after digest ' + begins.digestNumber + ': what was before had its time');
  for (const [keyId, key] of keys) {
    const der = key.export({ type: 'spki', format: 'der' });
    console.log('signed by key ' + keyId + ', SHA-256 ' + crypto.createHash('sha256').update(der).digest('hex'));
  }
  console.log('Whoever could replace all of it could sign it with a key of their own: compare the keys with those of the home');
  console.log('(payhook keys list; aws kms get-public-key), and this last digest with one that was kept elsewhere: ' + end);
}
`;
