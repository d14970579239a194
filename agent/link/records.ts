import type { Logger } from 'pino';
import { type State, StateCorrupt } from '../state/port.ts';

/** A record as JSON; null where there is none, or where it is damaged: whoever asks builds it anew. */
export async function readJson<T>(state: State, name: string, log: Logger): Promise<T | null> {
  try {
    const content = await state.read(name);
    return content === null ? null : (JSON.parse(new TextDecoder().decode(content)) as T);
  } catch (error) {
    if (!(error instanceof StateCorrupt || error instanceof SyntaxError)) throw error;
    log.error({ record: name, error: error.message }, 'a record of the agent is damaged: building it anew');
    return null;
  }
}

/** Returns once it is durable. */
export function writeJson(state: State, name: string, value: unknown): Promise<void> {
  return state.write(name, new TextEncoder().encode(JSON.stringify(value)));
}
