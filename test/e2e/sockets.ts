import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A TCP connection of a process, which is established or about to be. */
export interface Connection {
  readonly localPort: number;
  readonly remotePort: number;
}

const established = '01';
const synSent = '02';

/** The TCP connections that a process has now, as Linux tells them; those that it listens for apart. */
export function connectionsOf(pid: number): readonly Connection[] {
  const own = new Set(socketsOf(pid));
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
        if ((state !== established && state !== synSent) || !own.has(inode)) return [];
        return [{ localPort: portOf(local), remotePort: portOf(remote) }];
      }),
  );
}

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return []; // It was closed meanwhile.
    }
  });
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
