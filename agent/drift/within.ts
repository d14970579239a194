import { createContext, Script } from 'node:vm';
import { FairwayError } from '../../core/errors.ts';
import type { Within } from '../../core/health/rules.ts';

/** So many times is an evaluation begun again that the machine gave no time. */
const tries = 4;

/**
 * Evaluates on the same thread, and has V8 stop it after so many milliseconds: in the middle of a loop, and of a
 * regular expression that backtracks for ever. It costs a tenth of a millisecond. What was stopped and had not even
 * half of that time from the processor, because others had it, is evaluated again, and given twice the time.
 */
export function createWithin(milliseconds: number): Within {
  const script = new Script('evaluate()');
  const context = createContext({ evaluate: null as unknown });
  return (evaluate) => {
    context.evaluate = evaluate;
    try {
      for (let round = 1; ; round++) {
        const before = process.cpuUsage();
        try {
          return script.runInContext(context, { timeout: milliseconds * 2 ** (round - 1) });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
          const { user, system } = process.cpuUsage(before);
          if (round === tries || (user + system) / 1_000 >= milliseconds / 2)
            throw new FairwayError('expression-timed-out', `it was stopped after ${milliseconds} ms`);
        }
      }
    } finally {
      context.evaluate = null;
    }
  };
}
