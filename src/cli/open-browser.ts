/** Opens an address in the browser of whoever sits at this machine, where there is one. */
import { spawn } from 'node:child_process';

/** What opens an address; null where nobody would see it. */
export const browserCommand = (
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): readonly [program: string, ...args: readonly string[]] | null => {
  // From another machine: a browser here is not where the person is.
  if (env.SSH_CONNECTION !== undefined) return null;
  switch (platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    default:
      return (env.WAYLAND_DISPLAY ?? env.DISPLAY ?? '') === '' ? null : ['xdg-open'];
  }
};

/** Resolves to whether something has begun to open it. The address is among the arguments of a process: no secret is in it. */
export const openBrowser = (
  url: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> => {
  const command = browserCommand(platform, env);
  if (command === null) return Promise.resolve(false);
  const [program, ...args] = command;
  // A browser needs none of our secrets, and hands on what it is given.
  const withoutSecrets = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:PAYHOOK|AWS)_/.test(name)));
  return new Promise((resolve) => {
    const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true, env: withoutSecrets });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
};
