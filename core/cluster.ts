import { FairwayError } from './errors.ts';
import type { Labels } from './selector.ts';

/** What may be said of a cluster at registration: its name, its labels, and what it may receive. */

/** Bounds on what a cluster may receive; null: without bounds (T7). */
export interface ClusterAllowance {
  /** `group/Kind`, `v1/Kind` for the core group, `*` in either place. Left out: every kind. */
  readonly kinds?: readonly string[];
  /** Names or globs (`shop-*`). Left out: every namespace. */
  readonly namespaces?: readonly string[];
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const kindPattern = /^(\*|[a-z0-9.-]+)\/(\*|[A-Z][A-Za-z0-9]*)$/;
const namespacePattern = /^[-a-z0-9*]+$/;

/** @throws FairwayError `cluster-name-invalid`: a name is a DNS-1123 label. */
export function checkClusterName(name: string): void {
  if (name.length <= 63 && dnsLabel.test(name)) return;
  throw new FairwayError('cluster-name-invalid', `${quote(name)} is no name for a cluster.`, {
    field: 'name',
    remedy: 'Use at most 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.',
  });
}

/** Checks labels by Kubernetes' rules. @throws FairwayError `label-invalid`, whose field names the label. */
export function checkLabels(labels: Labels): void {
  for (const [key, value] of Object.entries(labels)) {
    if (!isLabelKey(key)) {
      throw labelInvalid(key, `${quote(key)} is no label key.`, 'Write [prefix/]name, the name at most 63 characters.');
    }
    if (typeof value !== 'string' || value.length > 63 || (value !== '' && !labelName.test(value))) {
      throw labelInvalid(
        key,
        `${quote(String(value))} is no value for the label ${key}.`,
        'Use at most 63 letters, digits, hyphens, underscores and dots, beginning and ending with a letter or digit.',
      );
    }
  }
}

/** @throws FairwayError `allow-invalid`, whose field names the entry. */
export function checkAllowance(allow: ClusterAllowance | null): void {
  for (const [index, kind] of (allow?.kinds ?? []).entries()) {
    if (kind !== '*' && !kindPattern.test(kind)) {
      throw allowInvalid(
        `allow.kinds[${index}]`,
        kind,
        'Write group/Kind (v1/Kind for the core group), or * in either place.',
      );
    }
  }
  for (const [index, namespace] of (allow?.namespaces ?? []).entries()) {
    if (namespace.length > 63 || !namespacePattern.test(namespace)) {
      throw allowInvalid(
        `allow.namespaces[${index}]`,
        namespace,
        'Write the name of a namespace, or a pattern such as shop-*.',
      );
    }
  }
}

function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (name.length > 63 || !labelName.test(name)) return false;
  if (slash < 0) return true;
  const prefix = key.slice(0, slash);
  return prefix.length <= 253 && dnsSubdomain.test(prefix);
}

function labelInvalid(key: string, message: string, remedy: string): FairwayError {
  return new FairwayError('label-invalid', message, { field: `labels.${key}`, remedy });
}

function allowInvalid(field: string, entry: string, remedy: string): FairwayError {
  return new FairwayError('allow-invalid', `${quote(entry)} cannot be allowed.`, { field, remedy });
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
