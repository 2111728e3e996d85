/** Which addresses a process listens on, read from the kernel: an emulator must not be reachable from outside. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const LISTEN = '0A';

/** Inodes of the sockets that the process has open. */
const socketsOf = (pid: number): ReadonlySet<string> => {
  const directory = join('/proc', String(pid), 'fd');
  const links = readdirSync(directory).map((fd) => {
    try {
      return readlinkSync(join(directory, fd));
    } catch {
      // Closed since the folder was read.
      return '';
    }
  });
  return new Set(links.flatMap((link) => link.match(/^socket:\[(\d+)\]$/)?.[1] ?? []));
};

/** `0100007F:1A2B` → `127.0.0.1:6699`; addresses of IPv6 stay in the kernel's form, which tests compare as it is. */
const readableAddress = (address: string): string => {
  const [host = '', port = ''] = address.split(':');
  const readable = host.length === 8 ? Buffer.from(host, 'hex').reverse().join('.') : host;
  return `${readable}:${Number.parseInt(port, 16)}`;
};

/** `host:port` of each TCP socket that the process listens on. */
export const listeningAddresses = (pid: number): string[] => {
  const sockets = socketsOf(pid);
  return ['tcp', 'tcp6'].flatMap((protocol) => {
    const lines = readFileSync(join('/proc', String(pid), 'net', protocol), 'utf8')
      .trim()
      .split('\n')
      .slice(1);
    return lines
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === LISTEN && sockets.has(fields[9] ?? ''))
      .map((fields) => readableAddress(fields[1] ?? ''));
  });
};
