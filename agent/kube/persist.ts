import type { KubeError } from './port.ts';
import type { Time } from './time.ts';

/** How one try of a request ended. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** The server knows better than anybody why not: the same again would end the same. */
  | { readonly kind: 'failed'; readonly error: KubeError }
  /** The same request may go again; if it may not any more, this is its error. */
  | { readonly kind: 'again'; readonly why: Reason; readonly error: KubeError };

type Reason =
  /** The server asks for it, after so many milliseconds. */
  | { readonly type: 'asked'; readonly after: number }
  /** The credentials were refused: once more with others. */
  | { readonly type: 'refused' }
  /** No answer, half of one, or one that blames the server itself. */
  | { readonly type: 'broken' };

export interface Persistence {
  /** Milliseconds that a request may spend on being sent again. */
  readonly patience: number;
  readonly time: Time;
  /** Whether the credentials may be read anew now. */
  readonly mayRenew: () => boolean;
}

const mostTries = 10;
/** Milliseconds before each further try of what broke. The first goes at once: a kept connection may just have closed. */
const breakPauses = [0, 100, 400];

/**
 * Sends a request until it is answered, for as long as that has a point: every request of this client may safely be
 * sent twice, for it reads, applies server-side, or deletes.
 * @param attempt one try; `renew`: with credentials read anew
 * @throws KubeError of the last try; the signal's reason where it aborts
 */
export async function persist<T>(
  attempt: (renew: boolean) => Promise<Outcome<T>>,
  { patience, time, mayRenew }: Persistence,
  signal: AbortSignal | undefined,
): Promise<T> {
  const deadline = time.now() + patience;
  let renewed = false;
  let breaks = 0;
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted();
    const outcome = await attempt(renewed);
    if (outcome.kind === 'done') return outcome.value;
    if (outcome.kind === 'failed' || tries >= mostTries) throw outcome.error;
    let pause = 0;
    switch (outcome.why.type) {
      case 'asked':
        pause = outcome.why.after;
        break;
      case 'refused':
        if (renewed || !mayRenew()) throw outcome.error;
        renewed = true;
        break;
      case 'broken': {
        const next = breakPauses[breaks++];
        if (next === undefined) throw outcome.error;
        pause = next;
      }
    }
    if (time.now() + pause > deadline) throw outcome.error;
    if (pause > 0) await time.sleep(pause * (1 + time.random() / 4), signal);
  }
}
