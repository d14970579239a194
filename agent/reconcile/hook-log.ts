import type { KubeObject, ObjectRef } from '../../core/objects/object.ts';
import { type Kube, KubeError } from '../kube/port.ts';

const lines = 12;
/** Characters: more would be cut off on the way, and its end is what matters. */
const longest = 700;

/**
 * The end of what the last Pod of a Job has written, as one line for people; why there is none, where it cannot be read.
 * @param uid of the Job: others may copy its labels
 */
export async function lastLines(kube: Kube, job: ObjectRef, uid: string, signal: AbortSignal): Promise<string> {
  try {
    const pods = await kube.resourceOf('', 'Pod');
    if (pods === null) return '(the cluster serves no Pods)';
    const { items } = await kube.list(pods, {
      namespace: job.namespace,
      labelSelector: `job-name=${job.name}`,
      signal,
    });
    const pod = items.filter((item) => isOwnedBy(item, uid)).sort(newestFailedFirst)[0];
    if (pod === undefined) return '(it has left no Pod)';
    const container = failedContainer(pod);
    const { namespace = '', name } = pod.metadata;
    const text = await kube.logs({ namespace, name }, { ...(container === null ? {} : { container }), lines, signal });
    return endOf(text);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return `(they cannot be read: ${error.message})`;
  }
}

function isOwnedBy({ metadata }: KubeObject, uid: string): boolean {
  return (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);
}

function newestFailedFirst(a: KubeObject, b: KubeObject): number {
  const sort = ({ status, metadata }: KubeObject) =>
    `${(status as { phase?: string } | undefined)?.phase === 'Failed' ? 1 : 0} ${metadata.creationTimestamp}`;
  return sort(a) < sort(b) ? 1 : -1;
}

interface ContainerStatus {
  readonly name?: string;
  readonly state?: { readonly terminated?: { readonly exitCode?: number } };
}

/** The container that has failed, else the first: a Pod with several has to be asked for one. */
function failedContainer({ spec, status }: KubeObject): string | null {
  const { initContainerStatuses = [], containerStatuses = [] } = (status ?? {}) as {
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
  const failed = [...initContainerStatuses, ...containerStatuses].find(
    ({ state }) => (state?.terminated?.exitCode ?? 0) !== 0,
  );
  const { containers = [] } = (spec ?? {}) as { containers?: { name?: string }[] };
  return failed?.name ?? containers[0]?.name ?? null;
}

function endOf(text: string): string {
  const whole = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-lines)
    .join(' | ');
  if (whole === '') return '(it has written none)';
  return whole.length <= longest ? whole : `…${whole.slice(-longest)}`;
}
