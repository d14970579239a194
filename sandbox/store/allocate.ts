import type { KubeObject } from '../../core/objects/object.ts';
import { mapOf, mapsOf } from '../kinds/defaults/draft.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import type { Context } from './context.ts';
import { objectsOf } from './state.ts';

/** Gives out what only one object may have, in place: addresses and node ports of Services, selectors of Jobs. */
export function allocate(context: Context, kind: Kind, object: KubeObject, before: KubeObject | null): void {
  const key = kindKey(kind);
  if (key === '/services') allocateService(context, kind, object, before);
  if (key === 'batch/jobs') {
    if (before === null) labelJob(object);
    else keepJobLabels(object, before);
  }
}

function allocateService({ state }: Context, kind: Kind, object: KubeObject, before: KubeObject | null): void {
  const spec = mapOf(object, 'spec');
  if (spec === undefined || spec.type === 'ExternalName') return;
  const services = [...objectsOf(state, kind).values()].map((service) => mapOf(service, 'spec'));
  if (spec.clusterIP === undefined || spec.clusterIP === '') {
    const taken = new Set(services.map((other) => other?.clusterIP));
    spec.clusterIP = firstFree((index) => `10.96.${index >> 8}.${index & 255}`, taken);
  }
  if (spec.clusterIPs === undefined) spec.clusterIPs = [spec.clusterIP];
  if (spec.type === 'ClusterIP') return;
  const old = before === null ? [] : mapsOf(mapOf(before, 'spec'), 'ports');
  const taken = new Set<unknown>(services.flatMap((other) => mapsOf(other, 'ports').map(({ nodePort }) => nodePort)));
  for (const port of mapsOf(spec, 'ports')) {
    const same = old.find((other) => other.port === port.port && other.protocol === port.protocol);
    port.nodePort ??= same?.nodePort ?? firstFree((index) => 29999 + index, taken);
    taken.add(port.nodePort);
  }
}

function firstFree<T>(nth: (index: number) => T, taken: ReadonlySet<unknown>): T {
  let index = 1;
  while (taken.has(nth(index))) index += 1;
  return nth(index);
}

const uidLabels = ['controller-uid', 'batch.kubernetes.io/controller-uid'];
const nameLabels = ['job-name', 'batch.kubernetes.io/job-name'];

/** A Job that brings no selector of its own gets one by its uid. */
function labelJob(object: KubeObject): void {
  const spec = mapOf(object, 'spec');
  const template = mapOf(spec, 'template');
  if (spec === undefined || template === undefined || spec.manualSelector === true) return;
  const { uid = '', name } = object.metadata;
  const metadata = mapOf(template, 'metadata') ?? {};
  const labels = { ...mapOf(metadata, 'labels') };
  for (const key of uidLabels) labels[key] = uid;
  for (const key of nameLabels) labels[key] = name;
  template.metadata = { ...metadata, labels };
  spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
}

/** What was given to the Job stays where an update does not name it. */
function keepJobLabels(object: KubeObject, before: KubeObject): void {
  const [spec, old] = [mapOf(object, 'spec'), mapOf(before, 'spec')];
  if (spec === undefined || old === undefined) return;
  spec.selector ??= structuredClone(old.selector);
  const template = mapOf(spec, 'template');
  const given = mapOf(mapOf(mapOf(old, 'template'), 'metadata'), 'labels') ?? {};
  if (template === undefined) return;
  const metadata = mapOf(template, 'metadata') ?? {};
  const labels = { ...mapOf(metadata, 'labels') };
  for (const key of [...uidLabels, ...nameLabels])
    if (labels[key] === undefined && given[key] !== undefined) labels[key] = given[key];
  template.metadata = { ...metadata, labels };
}
