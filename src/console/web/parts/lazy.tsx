/** A screen, or a part of one, in a file of its own, which is loaded when it is to be seen. */
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ServerError } from '../server.ts';
import { Problem } from './problem.tsx';

const NOT_LOADED = new ServerError({
  error: 'not_loaded',
  message: 'this screen could not be loaded: the console has ended, or is another one now; load the page again',
});

/** `Around`: what stands there until it is loaded. */
export const lazy = <Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
  Around: 'main' | 'div' | 'span' = 'main',
): FunctionComponent<Props> => {
  let loaded: FunctionComponent<Props> | null = null;
  return (props) => {
    const [state, setState] = useState<'loading' | 'loaded' | 'failed'>('loading');
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (screen) => {
          loaded = screen;
          setState('loaded');
        },
        () => setState('failed'),
      );
    }, []);
    const Loaded = loaded;
    if (Loaded !== null) return <Loaded {...props} />;
    return <Around aria-busy={state === 'loading'}>{state === 'failed' && <Problem of={NOT_LOADED} />}</Around>;
  };
};
