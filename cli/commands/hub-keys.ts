import { Command } from 'commander';
import { stringify } from 'yaml';
import { type CommandContext, examples } from '../context.ts';

/** `fairway hub keys` */
export function hubKeysCommand({ terminal }: CommandContext): Command {
  return new Command('keys')
    .description('Print what all replicas of one hub share, its data key and its authority, as a Secret of Kubernetes.')
    .option('--from <directory>', 'those of a hub that has run on this data directory; left out: new ones')
    .option('--name <name>', 'the name of the Secret', 'fairway-hub-keys')
    .addHelpText(
      'after',
      examples(
        'fairway hub keys | kubectl --namespace fairway create -f -',
        'fairway hub keys --from /var/lib/fairway > keys.yaml',
      ),
    )
    .action(async ({ from, name }: { from?: string; name: string }) => {
      const { hubKeys } = await import('../processes.ts');
      const keys = Object.entries(await hubKeys(from ?? null));
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, labels: { 'app.kubernetes.io/part-of': 'fairway' } },
        type: 'Opaque',
        data: Object.fromEntries(keys.map(([file, content]) => [file, content.toString('base64')])),
      };
      terminal.print(stringify(secret, { lineWidth: 0 }).trimEnd());
    });
}
