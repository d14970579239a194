import { canonicalJson } from '../../core/canonical.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { definitionKind } from '../kinds/builtin.ts';
import { isEstablished } from '../kinds/custom.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import { kindOfPlural } from '../kinds/registry.ts';
import { type Context, timestamp } from '../store/context.ts';
import { type Change, keyOf, objectsOf, put } from '../store/state.ts';
import { patchObject } from '../store/write.ts';
import { collectDependents, collectOrphan, continueDeletion, established } from './collect.ts';
import {
  playBudget,
  playClaim,
  playCluster,
  playIngress,
  playJob,
  playMachine,
  playPod,
  playService,
  playVolume,
} from './others.ts';
import type { Progress } from './rollout.ts';
import {
  type Play,
  playDaemonSet,
  playDeployment,
  playMachines,
  playReplicaSet,
  playStatefulSet,
} from './workloads.ts';

const plays: Readonly<Record<string, Play>> = {
  '/pods': playPod,
  '/services': playService,
  '/persistentvolumes': playVolume,
  '/persistentvolumeclaims': playClaim,
  'apps/deployments': playDeployment,
  'apps/statefulsets': playStatefulSet,
  'apps/daemonsets': playDaemonSet,
  'apps/replicasets': playReplicaSet,
  'batch/jobs': playJob,
  'networking.k8s.io/ingresses': playIngress,
  'policy/poddisruptionbudgets': playBudget,
  'cluster.x-k8s.io/machinesets': playMachines,
  'cluster.x-k8s.io/machinedeployments': playMachines,
  'cluster.x-k8s.io/machines': playMachine,
  'cluster.x-k8s.io/clusters': playCluster,
};

export interface ControllerOptions {
  /** Milliseconds until what is made is ready. */
  readonly readyAfter: number;
  /** Calls back after so many milliseconds, until it is called off. */
  readonly schedule: Schedule;
}

export type Schedule = (milliseconds: number, run: () => void) => () => void;

interface Place {
  readonly kind: string;
  readonly key: string;
}

/**
 * Plays the controllers of a cluster: looks at each object that was changed, and again when its time has come. While
 * nothing is under way there is neither a timer nor anything that is remembered.
 * @returns what stops them
 */
export function startControllers(context: Context, { readyAfter, schedule }: ControllerOptions): () => void {
  const { state, now } = context;
  const dirty = new Map<string, Place>();
  const due = new Map<string, Place & { readonly at: number }>();
  const gone = new Set<string>();
  const progress = new Map<string, Progress>();
  let timer: { readonly at: number; cancel(): void } | null = null;

  const wake = () => {
    const first = dirty.size > 0 || gone.size > 0 ? 0 : Math.min(...[...due.values()].map(({ at }) => at));
    if (!Number.isFinite(first) || (timer !== null && timer.at <= first)) return;
    timer?.cancel();
    timer = { at: first, cancel: schedule(Math.max(first - now(), 0), run) };
  };

  const onChange = ({ kind, object, deleted }: Change) => {
    const place = { kind, key: keyOf(object) };
    const { uid = '', namespace = '' } = object.metadata;
    if (deleted) {
      gone.add(uid);
      progress.delete(uid);
      due.delete(uid);
      // What waits for its content to go looks again.
      dirty.set(`/namespaces//${namespace}`, { kind: '/namespaces', key: `/${namespace}` });
      const [group, plural] = kind.split('/');
      const definition = { kind: kindKey(definitionKind), key: `/${plural}.${group}` };
      dirty.set(`definition ${definition.key}`, definition);
      for (const owner of object.metadata.ownerReferences ?? []) markOwner(owner.uid);
    } else dirty.set(uid, place);
    wake();
  };

  const markOwner = (uid: string) => {
    for (const [kind, objects] of state.objects) {
      for (const [key, object] of objects) if (object.metadata.uid === uid) dirty.set(uid, { kind, key });
    }
  };

  const look = ({ kind: name, key }: Place) => {
    const [group = '', plural = ''] = name.split('/');
    const kind = name === kindKey(definitionKind) ? definitionKind : kindOfPlural(state, group, plural);
    const object = kind === null ? undefined : objectsOf(state, kind).get(key);
    if (kind === null || object === undefined) return;
    if (object.metadata.deletionTimestamp !== undefined) {
      continueDeletion(context, kind, object);
      return;
    }
    if (kind === definitionKind && !isEstablished(object)) {
      put(state, kind, established(object, timestamp(now())));
      return;
    }
    if (object.metadata.ownerReferences !== undefined) collectOrphan(context, kind, object);
    const play = plays[name];
    if (play !== undefined && objectsOf(state, kind).get(key) === object) act(kind, object, play);
  };

  const act = (kind: Kind, object: KubeObject, play: Play) => {
    const { uid = '', namespace = '', name } = object.metadata;
    const played = play(object, { now: now(), readyAfter, progress: progress.get(uid) });
    if (played.progress === null) progress.delete(uid);
    else progress.set(uid, played.progress);
    if (played.again === null) due.delete(uid);
    else due.set(uid, { kind: kindKey(kind), key: keyOf(object), at: played.again });
    if (canonicalJson(object.status ?? {}) === canonicalJson(played.status)) return;
    const target = { kind, version: kind.versions[0] ?? '', namespace, name };
    patchObject(context, target, (current) => ({ ...current, status: played.status }), {
      fieldManager: 'kube-controller-manager',
      subresource: 'status',
    });
  };

  const run = () => {
    timer = null;
    for (const [uid, place] of due) {
      if (place.at > now()) continue;
      due.delete(uid);
      dirty.set(uid, place);
    }
    const uids = [...gone];
    gone.clear();
    for (const uid of uids) collectDependents(context, uid);
    const places = [...dirty.values()];
    dirty.clear();
    for (const place of places) look(place);
    wake();
  };

  for (const [kind, objects] of state.objects) {
    for (const [key, object] of objects) dirty.set(object.metadata.uid ?? `${kind} ${key}`, { kind, key });
  }
  state.listeners.add(onChange);
  wake();
  return () => {
    state.listeners.delete(onChange);
    timer?.cancel();
  };
}
