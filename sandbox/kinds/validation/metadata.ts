import type { KubeObject } from '../../../core/objects/object.ts';
import type { Cause } from '../../api/error.ts';
import { isMap } from '../../schema/type.ts';
import { type Kind, kindKey } from '../kind.ts';
import { required, wrong } from './cause.ts';

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualified = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

const subdomainWords =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelWords =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const label1035Words =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const valueWords =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const keyWords =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const annotationBytes = 256 * 1024;

/** What is wrong with an object's metadata. */
export function checkMetadata(kind: Kind, object: KubeObject): Cause[] {
  const { name, labels = {}, annotations = {}, finalizers = [] } = object.metadata;
  const causes = name ? checkName(kind, name) : [required('metadata.name', 'name or generateName is required')];
  causes.push(...checkLabels('metadata.labels', labels));
  for (const key of Object.keys(annotations)) causes.push(...checkKey('metadata.annotations', key.toLowerCase()));
  const bytes = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (bytes > annotationBytes) {
    causes.push({
      reason: 'FieldValueTooLong',
      message: `Too long: must have at most ${annotationBytes} bytes`,
      field: 'metadata.annotations',
    });
  }
  for (const finalizer of finalizers) causes.push(...checkKey('metadata.finalizers', finalizer));
  return causes;
}

function checkName(kind: Kind, name: string): Cause[] {
  const key = kindKey(kind);
  if (kind.group === 'rbac.authorization.k8s.io') {
    return /[/%]/.test(name) || name === '.' || name === '..'
      ? [wrong('metadata.name', name, "may not contain '/'")]
      : [];
  }
  if (key === '/namespaces') return checkLabelName('metadata.name', name);
  if (key === '/services') return check('metadata.name', name, label1035, 63, label1035Words);
  return check('metadata.name', name, subdomain, 253, subdomainWords);
}

/** What is wrong with a name that must be a label of DNS. */
export function checkLabelName(field: string, name: string): Cause[] {
  return check(field, name, label, 63, labelWords);
}

function check(field: string, name: string, form: RegExp, longest: number, words: string): Cause[] {
  if (name.length > longest) return [wrong(field, name, `must be no more than ${longest} characters`)];
  return form.test(name) ? [] : [wrong(field, name, words)];
}

/** What is wrong with a map of labels. */
export function checkLabels(field: string, labels: unknown): Cause[] {
  if (!isMap(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) => {
    const causes = checkKey(field, key);
    if (!labelValue.test(String(value))) {
      const why = String(value).length > 63 ? 'must be no more than 63 characters' : valueWords;
      causes.push(wrong(field, value, why));
    }
    return causes;
  });
}

function checkKey(field: string, key: string): Cause[] {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? null : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (prefix !== null && !subdomain.test(prefix)) return [wrong(field, key, `prefix part ${subdomainWords}`)];
  if (name.length > 63) return [wrong(field, key, 'name part must be no more than 63 characters')];
  return qualified.test(name) ? [] : [wrong(field, key, keyWords)];
}
