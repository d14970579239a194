import { FairwayError } from '../../core/errors.ts';
import type { Labels } from '../../core/selector.ts';
import type { Member } from './members.ts';
import { quote } from './quote.ts';

/** An example fleet, and what there is to try with it. */
export interface Example {
  /** Its folder below `examples/`. */
  readonly folder: string;
  /** The sandboxes that it takes; null: it is for clusters that are there already. */
  readonly members: readonly Member[] | null;
  /** What to try, in order: a sentence, and commands that can be pasted into a shell. */
  readonly tries: (places: Places) => readonly Try[];
}

/** What the commands to try are made of. */
interface Places {
  /** The work tree of the fleet repository. */
  readonly fleet: string;
  /** Of the cluster that is named last. */
  readonly last: { readonly name: string; readonly kubeconfig: string };
  /** How people start the command line: `fairway`, or through npm. */
  readonly command: string;
}

interface Try {
  readonly sentence: string;
  readonly commands: readonly string[];
}

const threeClusters: Example = {
  folder: 'three-clusters',
  members: ['dev', 'staging', 'prod'].map((env) => sandbox(`${env}-1`, { env })),
  tries: ({ fleet, last, command }) => [
    {
      sentence: 'Commit a change. Every cluster has it a moment later.',
      commands: [
        edit(fleet, 'apps/shop/settings.yaml', '"s/greeting: .*/greeting: Hello at $(date +%T)/"', 'Say hello'),
      ],
    },
    {
      sentence: `Change ${last.name} by hand. It is put back.`,
      commands: [`kubectl --kubeconfig ${quote(last.kubeconfig)} -n shop scale deployment/web --replicas=9`],
    },
    { sentence: 'Ask who it was.', commands: [`${command} drift list`] },
  ],
};

const promotion: Example = {
  folder: 'promotion',
  members: [
    sandbox('dev-1', { env: 'dev' }),
    sandbox('staging-1', { env: 'staging' }),
    sandbox('prod-canary', { env: 'prod', ring: 'canary' }),
    sandbox('prod-1', { env: 'prod' }),
    sandbox('prod-2', { env: 'prod' }),
  ],
  tries: ({ fleet, command }) => [
    {
      sentence: 'Commit a change. It is in dev at once, and in staging when dev has been healthy for five seconds.',
      commands: [
        edit(fleet, 'apps/shop/settings.yaml', '"s/greeting: .*/greeting: Hello at $(date +%T)/"', 'Say hello'),
      ],
    },
    {
      sentence: 'Promote it to prod: the canary first, then the others.',
      commands: [`${command} promote shop --to prod --reason "Say hello"`, `${command} rollout watch shop --env prod`],
    },
    {
      sentence: 'Commit what breaks prod alone, and promote that: it stops at the canary.',
      commands: [
        edit(fleet, 'apps/shop/prod.yaml', `'s/fail: "false"/fail: "true"/'`, 'Break prod'),
        `${command} promote shop --to prod --wait --reason "Try it"`,
        `${command} rollback shop --env prod --reason "It never became ready"`,
      ],
    },
  ],
};

/** Makes one ConfigMap in clusters that somebody may need for other things. */
const firstFleet: Example = {
  folder: 'first-fleet',
  members: null,
  tries: ({ fleet, last, command }) => [
    {
      sentence: 'Commit a change. Every cluster has it a moment later.',
      commands: [edit(fleet, 'apps/hello/greeting.yaml', '"s/text: .*/text: hello at $(date +%T)/"', 'Say hello')],
    },
    {
      sentence: `Change ${last.name} by hand. It is put back.`,
      commands: [
        `kubectl --kubeconfig ${quote(last.kubeconfig)} -n hello patch configmap greeting --type merge -p '{"data":{"text":"changed by hand"}}'`,
      ],
    },
    { sentence: 'Ask who it was.', commands: [`${command} drift list`] },
  ],
};

const examples = [threeClusters, promotion, firstFleet];

/** The names of those that sandboxes play. */
export const sandboxExamples = examples.filter(({ members }) => members !== null).map(({ folder }) => folder);

/**
 * The example that `fairway up` begins with.
 * @param name of one that sandboxes play; undefined: the first
 * @param real whether the clusters are there already
 * @throws FairwayError `example-unknown`
 */
export function chooseExample(name: string | undefined, real: boolean): Example {
  if (name === undefined) return real ? firstFleet : threeClusters;
  const found = examples.find(({ folder }) => folder === name);
  if (found !== undefined && (found.members === null) === real) return found;
  const known = examples.filter(({ members }) => (members === null) === real).map(({ folder }) => folder);
  const where = real ? 'clusters of your own' : 'sandboxes';
  throw new FairwayError('example-unknown', `there is no example ${name} for ${where}`, {
    field: '--example',
    remedy: `give one of: ${known.join(', ')}`,
  });
}

function sandbox(name: string, labels: Labels): Member {
  return { name, labels, kubeconfig: null };
}

function edit(fleet: string, file: string, expression: string, message: string): string {
  const path = quote(`${fleet}/${file}`);
  return `sed -i.bak ${expression} ${path} && git -C ${quote(fleet)} commit -qam ${quote(message)}`;
}
