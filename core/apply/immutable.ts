/** A field that Kubernetes itself lets nobody change: what of a refusal says exactly that, and nothing else (A8). */

interface Cause {
  /** `FieldValueInvalid`, `FieldValueForbidden`, … */
  readonly reason: string;
  readonly message: string;
}

interface Refused {
  /** HTTP status. */
  readonly status: number;
  /** The server's `reason`. */
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly Cause[];
}

/** In the words of kube-apiserver's own validation; those of webhooks and of CRDs' rules are theirs, and count not. */
const phrases: Readonly<Record<string, readonly RegExp[]>> = {
  FieldValueInvalid: [
    /(^|: )field is immutable$/,
    /(^|: )may not change once set$/,
    /(^|: )cannot change roleRef$/, // RoleBinding, ClusterRoleBinding
  ],
  FieldValueForbidden: [
    /^(Forbidden: )?field is immutable when `immutable` is set$/, // ConfigMap, Secret
    /^(Forbidden: )?updates to statefulset spec for fields other than /,
    /^(Forbidden: )?pod updates may not change fields other than /,
    /^(Forbidden: )?updates to (parameters|provisioner|reclaimPolicy) are forbidden\.$/, // StorageClass
    /^(Forbidden: )?may not be changed in an update\.$/, // PriorityClass
  ],
};

/**
 * True where the API server refused a change for no other reason than that each field which it names is immutable.
 * @param refused the server's answer: `Invalid`, 422, with its causes
 */
export function isImmutableRefusal({ status, reason, message, causes }: Refused): boolean {
  if (status !== 422 || reason !== 'Invalid' || causes.length === 0 || /^admission webhook /.test(message))
    return false;
  return causes.every((cause) => immutablePhrase(cause) !== null);
}

/** The words of a cause by which it says that its field is immutable, without any value; null: it says another thing. */
export function immutablePhrase({ reason, message }: Cause): string | null {
  const phrase = phrases[reason]?.find((pattern) => pattern.test(message));
  return phrase === undefined ? null : (phrase.exec(message)?.[0] ?? '').replace(/^: /, '');
}
