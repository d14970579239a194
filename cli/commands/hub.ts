import { Command } from 'commander';
import { type CommandContext, examples } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { hubKeysCommand } from './hub-keys.ts';

/** `fairway hub` */
export function hubCommand(context: CommandContext): Command {
  return new Command('hub')
    .description('Run a hub: it follows Git and decides what every cluster is to run.')
    .option('--fleet-repo <url>', 'the fleet repository: https://…, ssh://… or a path (FAIRWAY_FLEET_REPO)')
    .option('--fleet-branch <branch>', 'its branch, main where left out (FAIRWAY_FLEET_BRANCH)')
    .option('--pins-branch <branch>', 'the branch of the pins, fairway/pins where left out (FAIRWAY_PINS_BRANCH)')
    .option('--http <host:port>', 'where to serve REST, 127.0.0.1:7070 where left out (FAIRWAY_HTTP)')
    .option('--grpc <host:port>', 'where to listen for agents, 127.0.0.1:7443 where left out (FAIRWAY_GRPC)')
    .option('--grpc-public <host:port>', 'what agents dial, the address of --grpc where left out (FAIRWAY_GRPC_PUBLIC)')
    .option('--data-dir <directory>', 'where to keep data, ~/.local/share/fairway where left out (FAIRWAY_DATA_DIR)')
    .option('--database-url <url>', 'a PostgreSQL 15 or later, instead of the embedded one (FAIRWAY_DATABASE_URL)')
    .option('--redis-url <url>', 'a Redis 7 or later for the queue, which else is in the database (FAIRWAY_REDIS_URL)')
    .option('--agent-image <image>', 'what `cluster register -o manifest` names (FAIRWAY_AGENT_IMAGE)')
    .option(
      '--notify-networks <cidrs>',
      'private networks to which notifications may be sent: 10.0.0.0/8,fd00::/8 (FAIRWAY_NOTIFY_NETWORKS)',
    )
    .option(
      '--poll-interval <duration>',
      'between two looks at a remote source, 5s where left out (FAIRWAY_POLL_INTERVAL)',
    )
    .option(
      '--certificate-lifetime <duration>',
      'of the certificates of agents, 30d where left out (FAIRWAY_CERTIFICATE_LIFETIME)',
    )
    .option(
      '--rollout-rate <clusters>',
      'how many clusters a second rollouts hand out, 100 where left out (FAIRWAY_ROLLOUT_RATE)',
    )
    .option('--log-level <level>', 'debug, info, warn or error (FAIRWAY_LOG_LEVEL)')
    .addHelpText(
      'after',
      examples(
        'fairway hub --fleet-repo ~/fleet',
        'fairway hub --fleet-repo https://git.example/fleet.git --grpc 0.0.0.0:7443 --grpc-public hub.example:7443',
        'fairway hub --fleet-repo ~/fleet --database-url postgres://fairway@db/fairway --redis-url redis://cache:6379',
      ),
    )
    .action(async (flags: Record<string, string | undefined>) => {
      const { runHub } = await import('../processes.ts');
      context.exitCode = (await runHub(byVariable(flags))) as ExitCode;
    })
    .addCommand(hubKeysCommand(context));
}

/** `fleetRepo` → `FAIRWAY_FLEET_REPO`; flags and variables have the same names. */
export function byVariable(flags: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(flags).map(([flag, value]) => [
      flag === 'kubeconfig' ? 'KUBECONFIG' : `FAIRWAY_${flag.replace(/[A-Z]/g, '_$&').toUpperCase()}`,
      value,
    ]),
  );
}
