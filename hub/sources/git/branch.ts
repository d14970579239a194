import { FairwayError } from '../../../core/errors.ts';

/** What `git check-ref-format` refuses, and a leading hyphen. */
const forbidden = /^[-/.]|[/.]$|\.\.|\/\/|\/\.|@\{|\.lock(\/|$)|[\s~^:?*[\\]|\p{Cc}/u;

/**
 * The full name of a branch's ref: `refs/heads/main`.
 * @throws FairwayError `branch-invalid` where Git would not accept the name
 */
export function branchRef(branch: string): string {
  if (branch !== '' && branch.length <= 200 && !forbidden.test(branch)) return `refs/heads/${branch}`;
  throw new FairwayError('branch-invalid', `${JSON.stringify(branch)} cannot be the name of a branch`, {
    field: 'spec.branch',
    remedy: 'name an existing branch, such as main',
  });
}
