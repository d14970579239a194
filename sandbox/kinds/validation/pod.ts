import { nanosOf } from '../../../core/fields/quantity.ts';
import type { Cause } from '../../api/error.ts';
import type { JsonMap } from '../../schema/type.ts';
import { mapOf, mapsOf } from '../defaults/draft.ts';
import { duplicate, required, unsupported, wrong } from './cause.ts';
import { checkLabelName } from './metadata.ts';

/** What is wrong with the specification of a pod. */
export function checkPod(spec: JsonMap | undefined, at: string): Cause[] {
  const containers = mapsOf(spec, 'containers');
  const causes: Cause[] = containers.length === 0 ? [required(`${at}.containers`)] : [];
  const names = new Set<unknown>();
  for (const list of ['initContainers', 'containers']) {
    for (const [index, container] of mapsOf(spec, list).entries()) {
      const here = `${at}.${list}[${index}]`;
      causes.push(...checkContainer(container, here));
      if (names.has(container.name)) causes.push(duplicate(`${here}.name`, container.name));
      names.add(container.name);
    }
  }
  const volumes = mapsOf(spec, 'volumes').map(({ name }) => name);
  for (const [index, name] of volumes.entries()) {
    if (name === undefined) causes.push(required(`${at}.volumes[${index}].name`));
    else if (volumes.indexOf(name) !== index) causes.push(duplicate(`${at}.volumes[${index}].name`, name));
  }
  for (const [index, container] of containers.entries()) {
    for (const [mount, { name }] of mapsOf(container, 'volumeMounts').entries()) {
      if (volumes.includes(name)) continue;
      const field = `${at}.containers[${index}].volumeMounts[${mount}].name`;
      causes.push({ reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(name)}`, field });
    }
  }
  const restarts = ['Always', 'OnFailure', 'Never'];
  if (!restarts.includes(String(spec?.restartPolicy))) {
    causes.push(unsupported(`${at}.restartPolicy`, spec?.restartPolicy, restarts));
  }
  return causes;
}

function checkContainer(container: JsonMap, at: string): Cause[] {
  const causes: Cause[] = [];
  if (!container.name) causes.push(required(`${at}.name`));
  else causes.push(...checkLabelName(`${at}.name`, String(container.name)));
  if (!container.image) causes.push(required(`${at}.image`));
  const pulls = ['Always', 'IfNotPresent', 'Never'];
  if (!pulls.includes(String(container.imagePullPolicy))) {
    causes.push(unsupported(`${at}.imagePullPolicy`, container.imagePullPolicy, pulls));
  }
  for (const [index, port] of mapsOf(container, 'ports').entries()) {
    if (!port.containerPort) causes.push(required(`${at}.ports[${index}].containerPort`));
    else causes.push(...checkPort(`${at}.ports[${index}].containerPort`, port.containerPort));
    causes.push(...checkProtocol(`${at}.ports[${index}].protocol`, port.protocol));
  }
  for (const [index, variable] of mapsOf(container, 'env').entries()) {
    if (!variable.name) causes.push(required(`${at}.env[${index}].name`));
  }
  return [...causes, ...checkResources(container, `${at}.resources`)];
}

function checkResources(container: JsonMap, at: string): Cause[] {
  const resources = mapOf(container, 'resources');
  const [requests, limits] = [mapOf(resources, 'requests') ?? {}, mapOf(resources, 'limits') ?? {}];
  return Object.keys(requests).flatMap((name) => {
    const [asked, limit] = [nanosOf(requests[name]), nanosOf(limits[name])];
    if (asked === null || limit === null || asked <= limit) return [];
    const why = `must be less than or equal to ${name} limit${` of ${String(limits[name])}`}`;
    return [wrong(`${at}.requests`, requests[name], why)];
  });
}

/** What is wrong with a port's number. */
export function checkPort(field: string, port: unknown): Cause[] {
  const good = Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65535;
  return good ? [] : [wrong(field, port, 'must be between 1 and 65535, inclusive')];
}

/** What is wrong with a port's protocol. */
export function checkProtocol(field: string, protocol: unknown): Cause[] {
  const known = ['SCTP', 'TCP', 'UDP'];
  return known.includes(String(protocol)) ? [] : [unsupported(field, protocol, known)];
}
