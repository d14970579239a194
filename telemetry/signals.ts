/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      for (const other of signals) {
        process.removeListener(other, onSignal);
        process.once(other, () => process.exit(signal === 'SIGINT' ? 130 : 143));
      }
      resolve(signal);
    };
    for (const signal of signals) process.once(signal, onSignal);
  });
}

const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
