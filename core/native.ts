import { groupOf, type KubeObject } from './object.ts';

/**
 * What client-side tools accept in built-in kinds and server-side apply, of older servers at least, does not: a port
 * without its protocol, which is part of its key, and quantities written as numbers.
 */

const groups = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'node.k8s.io']);
/** Maps of quantities. */
const quantities = new Set([
  'limits',
  'requests',
  'capacity',
  'hard',
  'default',
  'defaultRequest',
  'max',
  'min',
  'maxLimitRequestRatio',
  'overhead',
  'podFixed',
]);

/** Completes a built-in object in place; leaves any other as it is. */
export function completeNative(object: KubeObject): void {
  const { kind } = object;
  if (!groups.has(groupOf(object.apiVersion)) || kind === 'ConfigMap' || kind === 'Secret') return;
  complete(object.spec, kind === 'Service' ? 'port' : 'containerPort');
  if (kind === 'PodTemplate') complete(object.template, 'containerPort');
}

function complete(value: unknown, portKey: string): void {
  if (Array.isArray(value)) for (const item of value) complete(item, portKey);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== 'object' || member === null) continue;
    if (name === 'ports' && Array.isArray(member)) for (const port of member) completePort(port, portKey);
    if (quantities.has(name)) quantitiesAsText(member as Record<string, unknown>);
    complete(member, portKey);
  }
}

function completePort(port: unknown, portKey: string): void {
  if (typeof port !== 'object' || port === null || !(portKey in port)) return;
  const fields = port as Record<string, unknown>;
  fields.protocol ??= 'TCP';
}

function quantitiesAsText(map: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(map)) if (typeof value === 'number') map[name] = String(value);
}
