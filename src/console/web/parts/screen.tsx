/** A screen: its title, what can be done with all of it, and what is on it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { printable } from '../format.ts';

export interface ScreenProps {
  readonly title: string;
  /** @default the title */
  readonly heading?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Whoever goes to another screen begins at its title, also by ear. */
export const Screen = ({ title, heading = title, actions, children }: ScreenProps) => {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${printable(title)} · Payhook`;
    ref.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <main>
      <header class="screen-head">
        <h1 ref={ref} tabIndex={-1}>
          {heading}
        </h1>
        <div class="actions">{actions}</div>
      </header>
      {children}
    </main>
  );
};
