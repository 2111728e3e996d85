/** Whether the trail is whole: begun by a person, told while it goes, and each problem with what to do about it. */
import type { VerifiedJson, VerifyLine } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { counted } from '../counted.ts';
import { countText, words } from '../format.ts';
import { tick } from '../now.ts';
import { readLines } from '../read-lines.ts';
import { homeOf, ServerError, tellAndListen, UNREACHABLE } from '../server.ts';
import { useStateHere } from '../use-state-here.ts';
import { Command } from './command.tsx';
import { Problem } from './problem.tsx';
import { Text, Time } from './value.tsx';

type Progress = Extract<VerifyLine, { readonly progress: unknown }>['progress'];

type State =
  | { readonly at: 'start' }
  | { readonly at: 'underway'; readonly progress: Progress | null }
  | { readonly at: 'end'; readonly verified: VerifiedJson; readonly endedAt: string }
  | { readonly at: 'failed'; readonly problem: ServerError };

const follow = async (onProgress: (progress: Progress) => void): Promise<VerifiedJson> => {
  for await (const line of readLines<VerifyLine>(await tellAndListen('/api/audit/verify', {}))) {
    if ('verified' in line) return line.verified;
    if ('failed' in line) throw new ServerError(line.failed);
    onProgress(line.progress);
  }
  throw new ServerError(UNREACHABLE);
};

export const Verify = () => {
  const [state, become] = useStateHere<State>({ at: 'start' });
  const verify = async (): Promise<void> => {
    become({ at: 'underway', progress: null });
    try {
      const verified = await follow((progress) => become({ at: 'underway', progress }));
      become({ at: 'end', verified, endedAt: new Date(tick()).toISOString() });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      become({ at: 'failed', problem: error });
    }
  };
  return (
    <section class="act verify" aria-labelledby="verify-title">
      <div class="verify-head">
        <h2 id="verify-title">Is the trail whole?</h2>
        <button type="button" class="primary" disabled={state.at === 'underway'} onClick={() => void verify()}>
          Verify now
        </button>
        <Command line={commandLine(homeOf(), ['audit', 'verify'])} />
      </div>
      {state.at === 'start' && (
        <p class="quiet">Reads every entry, checks each signed digest, and compares every stored webhook with them.</p>
      )}
      {state.at === 'underway' && <Underway progress={state.progress} />}
      <div role="status">{state.at === 'end' && <Verified of={state.verified} endedAt={state.endedAt} />}</div>
      {state.at === 'failed' && <Problem of={state.problem} retry={() => void verify()} isAskedOnce />}
    </section>
  );
};

const Underway = ({ progress }: { readonly progress: Progress | null }) => (
  <label class="verify-progress">
    <progress value={progress?.entries ?? 0} max={Math.max(progress?.of ?? 1, 1)} />
    <span>
      {progress === null
        ? 'Begins…'
        : `Entry ${countText(progress.entries)} of ${countText(progress.of)}, ${countText(progress.digests)} digests ✔`}
    </span>
  </label>
);

const Verified = ({ of, endedAt }: { readonly of: VerifiedJson; readonly endedAt: string }) => (
  <>
    {of.outcome === 'whole' ? (
      <p class="done">✔ The trail is whole.</p>
    ) : (
      <p class="problem">
        <strong>✖ The trail is broken.</strong> Checked {counted(of.entries, 'entry', 'entries')} up to there; nothing
        after it can be trusted.
      </p>
    )}
    {of.problems.length > 0 && (
      <ol class="found">
        {of.problems.map(({ kind, message, toDo }) => (
          <li key={message}>
            <p>
              <strong>
                <Text of={message} />
              </strong>{' '}
              <span class="mark warn">{words(kind)}</span>
            </p>
            <p class="quiet">
              <Text of={toDo} />
            </p>
          </li>
        ))}
      </ol>
    )}
    {of.outcome === 'whole' && (
      <p>
        {counted(of.entries, 'entry', 'entries')}, {counted(of.digests, 'signed digest', 'signed digests')};{' '}
        {counted(of.webhooks, 'stored webhook is', 'stored webhooks are')} as it says.
        {of.undigested > 0 && ` ${counted(of.undigested, 'entry is', 'entries are')} linked and not signed yet.`}
        {of.begins !== null && ` It begins after digest ${of.begins.afterDigest}: what was before had its time.`}
      </p>
    )}
    <p class="quiet">
      Verified <Time at={endedAt} />
      {of.lastDigest !== null && (
        <>
          . Last digest, to be kept elsewhere:{' '}
          <code>
            {of.lastDigest.number}:{of.lastDigest.hash}
          </code>
        </>
      )}
    </p>
  </>
);
