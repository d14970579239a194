/** Milliseconds. A terminal and npm both pass one Ctrl-C on: what comes so soon after the first is the same. */
const echo = 500;

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | null = null;
    const onSignal = (signal: NodeJS.Signals) => {
      if (first !== null && performance.now() - first > echo) endAtOnce(signal);
      first ??= performance.now();
      resolve(signal);
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
}

/**
 * What is starting, once it has started. Whoever gives up on a start need not wait for it: a signal that comes first
 * ends the process at once, as it may be killed at any time (X1).
 */
export async function untilStarted<T>(starting: Promise<T>, signalled: Promise<NodeJS.Signals>): Promise<T> {
  const first = await Promise.race([starting.then((started) => ({ started })), signalled]);
  return typeof first === 'string' ? endAtOnce(first) : first.started;
}

/** Milliseconds for what is well yet to end well, once a part has failed that the others stand on. */
const farewell = 10_000;

/** Ends the process with 1 after a while, whatever may still hold it by then. */
export function endSoon(): void {
  setTimeout(() => process.exit(1), farewell).unref();
}

function endAtOnce(signal: NodeJS.Signals): never {
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
