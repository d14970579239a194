/** Timers, passed in so that tests and simulations own them. */
export interface Timers {
  /** Calls back once, in so many milliseconds; the answer cancels. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemTimers: Timers = {
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, Math.min(milliseconds, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};
