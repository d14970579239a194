import type { Logger } from 'pino';
import type { AgentEvent } from '../core/link/status.ts';
import { describeRef } from '../core/objects/object.ts';

/** Writes what is told to the hub to the agent's own log too: one line an event, without values (A11). */
export function logEvent(log: Logger, { application, release, detail }: Omit<AgentEvent, 'sequence'>): void {
  switch (detail.type) {
    case 'applied': {
      const { created, changed, unchanged, pruned } = detail;
      log.info({ application, release, created, changed, unchanged, pruned }, 'applied a release');
      break;
    }
    case 'failed':
      log.warn({ application, release, code: detail.code, error: detail.message }, 'a release was not applied');
      break;
    case 'pruned':
      log.info({ application, release, objects: detail.objects.map(describeRef) }, 'pruned what left the release');
      break;
    case 'drift': {
      const { object, field, manager } = detail.drift;
      log.info({ application, object: describeRef(object), field, by: manager }, driftMessages[detail.outcome]);
      break;
    }
  }
}

const driftMessages = {
  found: 'found drift',
  corrected: 'corrected drift',
  gone: 'drift went away by itself',
  fought: 'drift comes back again and again',
} as const;
