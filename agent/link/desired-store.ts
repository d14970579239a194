import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import type { Assignment } from '../../core/link/assignment.ts';
import { type DesiredDraft, type DesiredState, desiredState, takePart } from '../../core/link/desired-state.ts';
import type { DesiredPart } from '../../core/link/messages.ts';
import type { State } from '../state/port.ts';
import { readJson, writeJson } from './records.ts';

/** What this cluster is to run, kept across restarts and without a hub (L4). */
export interface DesiredStore {
  /** Null until a hub has ever said something. */
  held(): DesiredState | null;
  /** @returns `mismatch`: a part was lost, and the hub has to be told what is held (L2) */
  take(part: DesiredPart, hubIsNewer: boolean): 'partial' | 'complete' | 'mismatch';
  /** A new stream: parts of an update that the last one left behind count no more. */
  restart(): void;
}

const record = 'desired';
const retryEvery = 1_000;

/** @param changed called with each new state, once it is durable, and where that fails without waiting for it */
export async function openDesiredStore(
  state: State,
  log: Logger,
  changed: (state: DesiredState) => void,
): Promise<DesiredStore> {
  const stored = await readJson<{ readonly assignments: readonly Assignment[] }>(state, record, log);
  let held = stored === null ? null : desiredState(stored.assignments);
  let draft: DesiredDraft | null = null;
  let saving = false;
  let unsaved = false;

  /** One write at a time, always of the newest. */
  const save = async () => {
    if (saving) return;
    saving = true;
    while (unsaved && held !== null) {
      const saved = held;
      unsaved = false;
      try {
        await writeJson(state, record, { assignments: [...saved.assignments.values()] });
      } catch (error) {
        log.error({ error: messageOf(error) }, 'the desired state cannot be kept: trying again');
        unsaved = true;
      }
      changed(saved);
      if (unsaved && held === saved) await sleep(retryEvery, undefined, { ref: false });
    }
    saving = false;
  };

  return {
    held: () => held,
    take(part, hubIsNewer) {
      const outcome = takePart(held, draft, part, hubIsNewer);
      draft = outcome.type === 'partial' ? outcome.draft : null;
      if (outcome.type !== 'complete') return outcome.type;
      held = outcome.state;
      unsaved = true;
      void save();
      return 'complete';
    },
    restart() {
      draft = null;
    },
  };
}
