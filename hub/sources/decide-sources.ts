import { FairwayError, type Problem } from '../../core/errors.ts';
import type { Declaration } from '../../core/kinds/parse.ts';
import type { SourceSpec } from '../../core/kinds/source.ts';
import { readAddress } from './git/address.ts';
import { branchRef } from './git/branch.ts';

/** The name of the source that is the fleet repository. */
export const fleetSource = 'fleet';

type SourceDeclaration = Extract<Declaration, { kind: 'Source' }>;

/** What the hub can tell of a declared source that its schema cannot: is the URL one that may be used? */
export function checkSources(
  declarations: readonly Declaration[],
  allowPlainHttp: boolean,
): { readonly usable: Declaration[]; readonly problems: Problem[] } {
  const problems: Problem[] = [];
  const usable = declarations.filter((declaration) => {
    if (declaration.kind !== 'Source') return true;
    const problem = problemOf(declaration, allowPlainHttp);
    if (problem !== null) problems.push(problem);
    return problem === null;
  });
  return { usable, problems };
}

function problemOf({ name, spec, file, line }: SourceDeclaration, allowPlainHttp: boolean): Problem | null {
  const problem = (code: string, field: string, message: string, remedy: string | null): Problem => ({
    ...{ code, severity: 'error', file, line, field, message, remedy },
  });
  if (name === fleetSource) {
    const message = `the name ${fleetSource} is that of the fleet repository itself`;
    return problem('source-name-reserved', 'metadata.name', message, 'give the source another name');
  }
  if (spec.signatures === 'required') {
    // Following it unverified would be worse than not following it (G5).
    const message = `source ${name} requires signatures, which this version cannot verify; it is not followed`;
    return problem(
      'signatures-unverifiable',
      'spec.signatures',
      message,
      'set it to optional, or wait for a version that verifies',
    );
  }
  try {
    readAddress(spec.url, allowPlainHttp);
    branchRef(spec.branch);
    return null;
  } catch (thrown) {
    if (!(thrown instanceof FairwayError)) throw thrown;
    return problem(thrown.code, thrown.field ?? 'spec.url', thrown.message, thrown.remedy ?? null);
  }
}

/** What the loop needs of a source, declared or the fleet's own. */
export interface FollowedSource {
  readonly url: string;
  readonly branch: string;
  readonly paths: readonly string[];
  readonly tenants: readonly string[];
  readonly credentials: string | null;
  /** The branch of the pins; null for any source but the fleet. */
  readonly pinsBranch: string | null;
}

/** The spec of a `sources` row: a declared source's, or that of the fleet, which is this very type. */
export function followedSource(origin: 'fleet' | 'declared', spec: unknown): FollowedSource {
  if (origin === 'fleet') return spec as FollowedSource;
  const { url, branch, paths, tenants, credentials } = spec as SourceSpec;
  return { url, branch, paths, tenants, credentials: credentials ?? null, pinsBranch: null };
}
