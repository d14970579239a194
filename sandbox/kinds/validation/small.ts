import { canonicalJson } from '../../../core/canonical.ts';
import type { KubeObject } from '../../../core/objects/object.ts';
import type { Cause } from '../../api/error.ts';
import { isMap } from '../../schema/type.ts';
import { mapOf, mapsOf } from '../defaults/draft.ts';
import { duplicate, forbiddenField, required, shown, unsupported, wrong, wrongStruct } from './cause.ts';
import { checkPort, checkProtocol } from './pod.ts';

/** Checks of the kinds that hold no pods. Each says what is wrong with an object, given what stood there before. */
type Check = (object: KubeObject, before: KubeObject | null) => Cause[];

const dataKey = /^[-._a-zA-Z0-9]{1,253}$/;
const dataKeyWords =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** Bytes that the data of one object may have. */
const mostData = 1_048_576;

export const checkData: Check = (object, before) => {
  const causes = checkSize(object);
  for (const field of ['data', 'binaryData']) {
    for (const key of Object.keys(mapOf(object, field) ?? {})) {
      if (!dataKey.test(key)) causes.push(wrong(`${field}[${key}]`, key, dataKeyWords));
    }
  }
  if (before?.immutable === true) {
    const why = 'field is immutable when `immutable` is set';
    if (object.immutable !== true) causes.push(forbiddenField('immutable', why));
    for (const field of ['data', 'binaryData'])
      if (changed(field, object, before)) causes.push(forbiddenField(field, why));
  }
  if (object.kind === 'Secret' && before !== null && changed('type', object, before)) {
    causes.push(wrong('type', object.type, 'field is immutable'));
  }
  return causes;
};

function checkSize(object: KubeObject): Cause[] {
  const isSecret = object.kind === 'Secret';
  const values = Object.values({ ...mapOf(object, 'data'), ...mapOf(object, 'binaryData') }).map(String);
  const bytes = values.reduce((sum, value) => sum + Buffer.byteLength(value, isSecret ? 'base64' : 'utf8'), 0);
  if (bytes <= mostData) return [];
  const message = `Too long: must have at most ${mostData} bytes`;
  return [{ reason: 'FieldValueTooLong', message, field: isSecret ? 'data' : '[]' }];
}

export const checkService: Check = (object, before) => {
  const spec = mapOf(object, 'spec') ?? {};
  const ports = mapsOf(spec, 'ports');
  const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
  const causes: Cause[] = [];
  if (ports.length === 0 && spec.type !== 'ExternalName' && spec.clusterIP !== 'None')
    causes.push(required('spec.ports'));
  if (!types.includes(String(spec.type))) causes.push(unsupported('spec.type', spec.type, types));
  const seen = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    if (ports.length > 1 && !port.name) causes.push(required(`${at}.name`));
    causes.push(...checkPort(`${at}.port`, port.port), ...checkProtocol(`${at}.protocol`, port.protocol));
    const key = `${String(port.protocol)} ${String(port.port)}`;
    if (seen.has(key)) causes.push(duplicate(at, { port: port.port, protocol: port.protocol }));
    seen.add(key);
  }
  const old = before === null ? undefined : mapOf(before, 'spec');
  const address = old?.clusterIP;
  if (
    address !== undefined &&
    address !== '' &&
    old?.type !== 'ExternalName' &&
    spec.type !== 'ExternalName' &&
    address !== spec.clusterIP
  ) {
    causes.push(wrong('spec.clusterIPs[0]', [spec.clusterIP], 'may not change once set'));
  }
  return causes;
};

export const checkClaim: Check = (object, before) => {
  const spec = mapOf(object, 'spec') ?? {};
  const causes: Cause[] = [];
  if (!Array.isArray(spec.accessModes)) causes.push(required('spec.accessModes', 'at least 1 access mode is required'));
  if (mapOf(mapOf(spec, 'resources'), 'requests')?.storage === undefined)
    causes.push(required('spec.resources[storage]'));
  const old = before === null ? undefined : mapOf(before, 'spec');
  const fixed = (all: Record<string, unknown>) => canonicalJson({ ...all, resources: null, volumeName: null });
  if (old !== undefined && fixed(old) !== fixed(spec)) {
    causes.push(
      forbiddenField(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    );
  }
  return causes;
};

export const checkBinding: Check = (object, before) => {
  const role = mapOf(object, 'roleRef');
  const causes: Cause[] = [];
  const kinds = ['ClusterRole', 'Role'];
  if (!role?.name) causes.push(required('roleRef.name'));
  if (!kinds.includes(String(role?.kind))) causes.push(unsupported('roleRef.kind', role?.kind ?? '', kinds));
  if (before !== null && changed('roleRef', object, before)) {
    const go = `rbac.RoleRef{APIGroup:${shown(role?.apiGroup)}, Kind:${shown(role?.kind)}, Name:${shown(role?.name)}}`;
    causes.push(wrongStruct('roleRef', go, 'cannot change roleRef'));
  }
  for (const [index, subject] of mapsOf(object, 'subjects').entries()) {
    if (!subject.name) causes.push(required(`subjects[${index}].name`));
    if (subject.kind === 'ServiceAccount' && !subject.namespace) causes.push(required(`subjects[${index}].namespace`));
  }
  return causes;
};

export const checkRole: Check = (object) =>
  mapsOf(object, 'rules').flatMap((rule, index) =>
    Array.isArray(rule.verbs) && rule.verbs.length > 0
      ? []
      : [required(`rules[${index}].verbs`, 'verbs must contain at least one value')],
  );

export const checkIngress: Check = (object) => {
  const spec = mapOf(object, 'spec');
  const causes: Cause[] = [];
  if (spec?.rules === undefined && spec?.defaultBackend === undefined) {
    causes.push(wrong('spec', [], 'either `defaultBackend` or `rules` must be specified'));
  }
  const types = ['Exact', 'ImplementationSpecific', 'Prefix'];
  for (const [index, rule] of mapsOf(spec, 'rules').entries()) {
    for (const [at, path] of mapsOf(mapOf(rule, 'http'), 'paths').entries()) {
      const field = `spec.rules[${index}].http.paths[${at}]`;
      if (path.pathType === undefined) causes.push(required(`${field}.pathType`, 'pathType must be specified'));
      else if (!types.includes(String(path.pathType)))
        causes.push(unsupported(`${field}.pathType`, path.pathType, types));
      if (path.pathType !== 'ImplementationSpecific' && !String(path.path ?? '').startsWith('/')) {
        causes.push(wrong(`${field}.path`, path.path ?? '', 'must be an absolute path'));
      }
    }
  }
  return causes;
};

export const checkAutoscaler: Check = (object) => {
  const spec = mapOf(object, 'spec') ?? {};
  const causes: Cause[] = [];
  if (!(Number(spec.maxReplicas) >= 1))
    causes.push(wrong('spec.maxReplicas', spec.maxReplicas ?? 0, 'must be greater than 0'));
  else if (Number(spec.maxReplicas) < Number(spec.minReplicas)) {
    causes.push(wrong('spec.maxReplicas', spec.maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  const target = mapOf(spec, 'scaleTargetRef');
  if (!target?.kind) causes.push(required('spec.scaleTargetRef.kind'));
  if (!target?.name) causes.push(required('spec.scaleTargetRef.name'));
  return causes;
};

function changed(field: string, object: KubeObject, before: KubeObject): boolean {
  const plain = (value: unknown) => canonicalJson(isMap(value) || value !== undefined ? value : null);
  return plain(object[field]) !== plain(before[field]);
}
