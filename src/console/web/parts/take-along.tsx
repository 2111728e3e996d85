/** The trail as one file, with the program that checks it where no Payhook is. Who took it along is in the trail first. */
import { useState } from 'preact/hooks';
import type { DownloadJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { download } from '../download.ts';
import { homeOf, tell } from '../server.ts';
import { Command } from './command.tsx';
import { ReasonForm } from './reason-form.tsx';

export const TakeAlong = () => {
  const [isBegun, setIsBegun] = useState(false);
  return (
    <details class="take-along">
      <summary>Take the trail along…</summary>
      <ReasonForm
        label="Download"
        action={{ isAllowed: true, why: null }}
        isReasonRequired={false}
        says="All that digests sign, the public keys, and verify.cjs, which says on any machine with Node, without Payhook and without a network, whether it is whole."
        onSend={async (reason) => {
          const why = reason.trim() === '' ? {} : { reason: reason.trim() };
          download((await tell<DownloadJson>('/api/audit/export', why)).path);
          setIsBegun(true);
        }}
      />
      <p role="status" class="done">
        {isBegun && 'The download has begun: unpack it, and run node verify.cjs.'}
      </p>
      <Command line={commandLine(homeOf(), ['audit', 'export', 'evidence'])} />
    </details>
  );
};
