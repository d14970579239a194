import { createContext, Script } from 'node:vm';
import { FairwayError } from '../../core/errors.ts';
import type { Within } from '../../core/health/rules.ts';

/**
 * Evaluates on the same thread, and has V8 stop it after so many milliseconds: in the middle of a loop, and of a
 * regular expression that backtracks for ever. It costs a tenth of a millisecond.
 */
export function createWithin(milliseconds: number): Within {
  const script = new Script('evaluate()');
  const context = createContext({ evaluate: null as unknown });
  return (evaluate) => {
    context.evaluate = evaluate;
    try {
      return script.runInContext(context, { timeout: milliseconds });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new FairwayError('expression-timed-out', `it was stopped after ${milliseconds} ms`);
    } finally {
      context.evaluate = null;
    }
  };
}
