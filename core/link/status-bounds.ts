import type { ObjectRef } from '../objects/object.ts';
import { cutText } from '../text.ts';
import { type AgentEvent, type ApplicationStatus, type Drift, type ObjectProblem, problemLimit } from './status.ts';

/** What an agent tells is bounded before it travels: detail is cut, counts stay right (L3, L7). */

const textLimit = 1_024;
const valueLimit = 2_048;
const objectLimit = 500;
/** Of names, codes and managers, and of JSON pointers: longer ones are not Kubernetes' own, and fit no index. */
const nameLimit = 253;
const fieldLimit = 700;

/** The status as it may travel. */
export function boundStatus(status: ApplicationStatus): ApplicationStatus {
  return {
    ...status,
    message: cut(status.message, textLimit),
    problems: status.problems.slice(0, problemLimit).map(boundProblem),
    drifts: status.drifts.slice(0, problemLimit).map(boundDrift),
    wait: status.wait === null ? null : { ...status.wait, reason: cut(status.wait.reason, textLimit) },
  };
}

/** The event as it may travel. */
export function boundEvent<E extends Omit<AgentEvent, 'sequence'>>(event: E): E {
  const { detail } = event;
  switch (detail.type) {
    case 'applied':
      return event;
    case 'drift':
      return { ...event, detail: { ...detail, drift: boundDrift(detail.drift) } };
    case 'failed':
      return {
        ...event,
        detail: {
          ...detail,
          message: cut(detail.message, textLimit),
          problems: detail.problems.slice(0, problemLimit).map(boundProblem),
        },
      };
    case 'pruned':
      return { ...event, detail: { ...detail, objects: detail.objects.slice(0, objectLimit).map(boundObject) } };
  }
}

function boundProblem(problem: ObjectProblem): ObjectProblem {
  const { object, code, field, message } = problem;
  return {
    ...problem,
    object: boundObject(object),
    code: cutText(code, nameLimit),
    field: field === null ? null : cut(field, fieldLimit),
    message: cut(message, textLimit),
  };
}

function boundObject({ group, kind, namespace, name }: ObjectRef): ObjectRef {
  return {
    group: cutText(group, nameLimit),
    kind: cutText(kind, nameLimit),
    namespace: cutText(namespace, nameLimit),
    name: cutText(name, nameLimit),
  };
}

function boundDrift(drift: Drift): Drift {
  const { object, field, manager, wanted, found } = drift;
  return {
    ...drift,
    object: boundObject(object),
    field: cut(field, fieldLimit),
    manager: cutText(manager, nameLimit),
    wanted: cutJson(wanted),
    found: cutJson(found),
  };
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${cutText(text, limit - 1)}…`;
}

/** A JSON text that is too long becomes a JSON text of its beginning, which is not too long. */
function cutJson(json: string | null): string | null {
  if (json === null) return null;
  let bounded = json;
  for (let length = valueLimit; bounded.length > valueLimit; length = Math.floor(length * 0.9)) {
    bounded = JSON.stringify(cut(json, length));
  }
  return bounded;
}
