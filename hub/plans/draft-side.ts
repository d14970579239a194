import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Bundle, encodeBundle } from '../../core/bundle.ts';
import type { Digest } from '../../core/canonical.ts';
import type { Prepared } from '../../core/render/prepare.ts';
import { render, renderKey } from '../../core/render/render.ts';
import type { RenderTarget } from '../../core/render/scope.ts';
import { firstError, type Target } from '../releases/bundles.ts';
import type { Planned, Side } from './side.ts';

/** What a commit that is no release would be on each of some clusters. It is rendered in memory; nothing is stored. */
export async function draftSide(prepared: Prepared, members: readonly Target[]): Promise<Side> {
  const contents = new Map<Digest, Bundle>();
  const bundles = new Map<string, Planned>();
  const groups = Map.groupBy(members, (member) => renderKey(prepared, targetOf(member)));
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    await nextTurn();
    const { bundle, problems } = render(prepared, targetOf(first));
    const planned = bundle === null ? { problem: firstError(problems) } : { bundle: encodeBundle(bundle).digest };
    if (bundle !== null && 'bundle' in planned) contents.set(planned.bundle, bundle);
    for (const { cluster } of [first, ...others]) bundles.set(cluster, planned);
  }
  return {
    bundles,
    read: async (digest) => {
      const bundle = contents.get(digest);
      if (bundle === undefined) throw new Error(`bundle ${digest} was not rendered`);
      return bundle;
    },
  };
}

function targetOf({ cluster, labels, environment }: Target): RenderTarget {
  return { cluster: { name: cluster, labels }, environment };
}
