import { isQuantityField } from '../fields/quantity.ts';
import { isMap } from '../fields/values.ts';
import { groupOf, type KubeObject } from './object.ts';

/**
 * What client-side tools accept in built-in kinds and server-side apply, of older servers at least, does not: a port
 * without its protocol, which is part of its key, and quantities written as numbers.
 */

const groups = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'node.k8s.io']);
/** Completes a built-in object in place; leaves any other as it is. */
export function completeNative(object: KubeObject): void {
  const { kind } = object;
  if (!groups.has(groupOf(object.apiVersion)) || kind === 'ConfigMap' || kind === 'Secret') return;
  complete(object.spec, 'spec', kind === 'Service' ? 'port' : 'containerPort');
  if (kind === 'PodTemplate') complete(object.template, 'template', 'containerPort');
}

function complete(value: unknown, parent: string, portKey: string): void {
  if (Array.isArray(value)) for (const item of value) complete(item, parent, portKey);
  if (!isMap(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === 'ports' && Array.isArray(member)) for (const port of member) completePort(port, portKey);
    if (typeof member === 'number' && isQuantityField(name, parent)) value[name] = String(member);
    complete(member, name, portKey);
  }
}

function completePort(port: unknown, portKey: string): void {
  if (isMap(port) && portKey in port) port.protocol ??= 'TCP';
}
