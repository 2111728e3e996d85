/** Moto for the tests of one file. */
import { afterAll, beforeAll } from 'vitest';
import { type Moto, startMoto } from '../servers/moto.ts';

/** Starts the server before the tests of the file and stops it after them. Returns the server, for whoever asks during a test. */
export const useMoto = (): (() => Moto) => {
  let moto: Moto | undefined;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.[Symbol.asyncDispose]());
  return () => {
    if (moto === undefined) throw new Error('the server is started before the tests');
    return moto;
  };
};
