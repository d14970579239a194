import type { Digest } from '../canonical.ts';
import type { ObjectRef } from '../objects/object.ts';

/**
 * What going from one bundle to another does, as people review it: without live state (P2), and without any value of
 * a Secret (A11).
 */
export type Change = ObjectChange | RulesChange;

/** What happens to one object. */
export type ObjectChange =
  | (ChangeOfObject & { readonly action: 'create'; readonly encrypted: boolean })
  | (ChangeOfObject & {
      readonly action: 'change';
      /** SOPS keeps its values from the hub too: all that can be said is that it changed (A13). */
      readonly encrypted: boolean;
      readonly fields: readonly FieldChange[];
    })
  | (ChangeOfObject & { readonly action: 'delete' })
  /** It leaves the bundle and stays in the cluster all the same (A7). */
  | (ChangeOfObject & { readonly action: 'keep'; readonly reason: string });

/** The application's own rules change: its namespace, its conflicts, what it ignores, when it is healthy. */
export interface RulesChange {
  /** Equal for equal changes, whatever the cluster: what an approval is bound to. */
  readonly id: Digest;
  readonly action: 'rules';
  readonly fields: readonly FieldChange[];
}

interface ChangeOfObject {
  /** Equal for equal changes, whatever the cluster: what an approval is bound to. */
  readonly id: Digest;
  readonly object: ObjectRef;
}

export interface FieldChange {
  /** As the API server writes it: `spec.template.spec.containers[name="web"].image`. */
  readonly field: string;
  /** JSON texts fit to be shown; null: absent. */
  readonly before: string | null;
  readonly after: string | null;
  /** Of a text of several lines: what changes in it, as a unified diff has it (`-old`, `+new`, ` same`, `@@ …`). */
  readonly lines: readonly string[] | null;
}

/** A digest by which nobody can guess the text, for what holds a Secret's values. */
export type Seal = (text: string) => string;
