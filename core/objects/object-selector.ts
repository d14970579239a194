import { matchesGlob } from '../glob.ts';
import type { ObjectRef } from './object.ts';

/** Which objects of an application a rule of its `app.yaml` is for; what is left out is any. */
export interface ObjectSelector {
  readonly kind?: string;
  /** The core group is the empty text. */
  readonly group?: string;
  /** Names, or globs of them: `shop-*`. */
  readonly name?: string;
  readonly namespace?: string;
}

/** True where a rule is for an object. */
export function selectsObject(selector: ObjectSelector, ref: ObjectRef): boolean {
  const { kind = ref.kind, group = ref.group, name = '*', namespace = '*' } = selector;
  return (
    kind === ref.kind && group === ref.group && matchesGlob(name, ref.name) && matchesGlob(namespace, ref.namespace)
  );
}
