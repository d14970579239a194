/** Milliseconds. A terminal and npm both pass one Ctrl-C on: what comes so soon after the first is the same. */
const echo = 500;

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | null = null;
    const onSignal = (signal: NodeJS.Signals) => {
      if (first !== null && performance.now() - first > echo) process.exit(signal === 'SIGINT' ? 130 : 143);
      first ??= performance.now();
      resolve(signal);
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
}

const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
