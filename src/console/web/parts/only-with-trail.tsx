/** A screen of the trail, for whoever may see it; else why not, and where what became of something is told instead. */
import type { ComponentChildren } from 'preact';
import { session } from '../server.ts';
import { sentence } from './problem.tsx';
import { Screen } from './screen.tsx';

export interface OnlyWithTrailProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

export const OnlyWithTrail = ({ title, children }: OnlyWithTrailProps) => {
  const why = session.value?.whyNoTrail ?? null;
  if (why === null) return <>{children}</>;
  return (
    <Screen title={title}>
      <div class="empty">
        <p>The trail is not for you. {sentence(why)}</p>
        <p>
          What became of one webhook, and who put it back, stands with <a href="/webhooks">the webhook</a>.
        </p>
      </div>
    </Screen>
  );
};
