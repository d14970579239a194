/** A pause between two turns of something, so that what asks for it meanwhile is served together. */
export interface Rest {
  /** True while it lasts; whoever asked is resumed once at its end. */
  isOn(): boolean;
  /** From now on, for so many milliseconds. */
  begin(milliseconds: number): void;
  stop(): void;
}

/** @param resume called at the end of a rest in which somebody asked */
export function createRest(resume: () => void): Rest {
  let until = 0;
  let timer: NodeJS.Timeout | null = null;
  return {
    isOn() {
      const remaining = until - performance.now();
      if (timer === null && remaining > 0) {
        timer = setTimeout(() => {
          timer = null;
          resume();
        }, remaining);
      }
      return timer !== null;
    },
    begin(milliseconds) {
      until = performance.now() + milliseconds;
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
