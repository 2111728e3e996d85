import { processContext } from './command-context.ts';
import { serve } from './serve.ts';
export const createProgram = () => ({
  run: async (args: string[]) => {
    if (args[0] === 'serve') return serve(processContext());
    return 2;
  },
});
