/** A screen, or a part of one, in a file of its own, which is loaded when it is to be seen. */
import { type ComponentChildren, type FunctionComponent, isValidElement } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ServerError } from '../server.ts';
import { Problem } from './problem.tsx';

const NOT_LOADED = new ServerError({
  error: 'not_loaded',
  message: 'this screen could not be loaded: the console has ended, or is another one now; load the page again',
});

interface Lazy {
  readonly load: () => Promise<void>;
}

/** `Around`: what stands there until it is loaded. */
export const lazy = <Props extends object>(
  loadIt: () => Promise<FunctionComponent<Props>>,
  Around: 'main' | 'div' | 'span' = 'main',
): FunctionComponent<Props> & Lazy => {
  let loaded: FunctionComponent<Props> | null = null;
  const load = async (): Promise<void> => {
    loaded = await loadIt();
  };
  const Part: FunctionComponent<Props> = (props) => {
    const [state, setState] = useState<'loading' | 'loaded' | 'failed'>('loading');
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        () => setState('loaded'),
        () => setState('failed'),
      );
    }, []);
    const Loaded = loaded;
    if (Loaded !== null) return <Loaded {...props} />;
    return <Around aria-busy={state === 'loading'}>{state === 'failed' && <Problem of={NOT_LOADED} />}</Around>;
  };
  return Object.assign(Part, { load });
};

/** Loads what a lazy element shows before it is shown: then it stands there at once. What cannot be loaded is told there. */
export const loadBefore = async (element: ComponentChildren): Promise<void> => {
  if (!isValidElement(element) || typeof element.type !== 'function' || !('load' in element.type)) return;
  await (element.type as Lazy & typeof element.type).load().catch(() => undefined);
};
