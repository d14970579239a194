/** What the processes of a fleet's benchmark say to one another. */

/** To a process of agents. */
export type Order =
  /** Makes a certificate for each cluster, with the hub's own authority. Answered by `prepared`. */
  | { readonly type: 'prepare'; readonly dataDir: string; readonly clusters: readonly string[] }
  /** Shakes hands with a port, once for each cluster, and keeps the connections. Answered by `shaken`. */
  | { readonly type: 'shake'; readonly port: number }
  /** Ends those connections. */
  | { readonly type: 'let-go' }
  /** Starts every agent. Their states are told as they change. */
  | { readonly type: 'connect'; readonly hub: string };

/** From a process of agents. */
export type Word =
  | { readonly type: 'prepared'; readonly certificates: readonly Issued[] }
  | { readonly type: 'shaken' }
  | { readonly type: 'state'; readonly connected: number }
  | { readonly type: 'error'; readonly message: string };

export interface Issued {
  readonly cluster: string;
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}
