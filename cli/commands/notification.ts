import { Command } from 'commander';
import type {
  Delivery,
  Notification,
  NotificationCredentials,
  NotificationCredentialsState,
} from '../../proto/rest/notifications.ts';
import {
  type CommandContext,
  connect,
  examples,
  type OutputFlags,
  outputOption,
  printAs,
  show,
  watchOption,
} from '../context.ts';
import { usageError } from '../exit.ts';
import { renderTable } from '../table.ts';
import { ago, until, word } from '../words.ts';
import { limitOption } from './options.ts';
import { keepCredentials, type RemoveFlags, readNamed } from './stored-credentials.ts';

/** `fairway notification` */
export function notificationCommand(context: CommandContext): Command {
  return new Command('notification')
    .description('See who is told of what outside of Fairway, and whether it arrives.')
    .addHelpText(
      'after',
      examples(
        'fairway notification list',
        'fairway notification deliveries --state dead',
        'fairway notification redeliver 42',
      ),
    )
    .addCommand(listCommand(context))
    .addCommand(deliveriesCommand(context))
    .addCommand(redeliverCommand(context))
    .addCommand(credentialsCommand(context));
}

function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('List the notifications that the fleet repository declares.')
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText('after', examples('fairway notification list'))
    .action(async (flags: OutputFlags, command: Command) => {
      const client = await connect(context, command);
      await show(
        context,
        client,
        flags,
        () => client.list<Notification>('/notifications'),
        (notifications) =>
          renderTable(
            context.terminal,
            ['NOTIFICATION', 'FORMAT', 'TO', 'ENVIRONMENTS', 'EVENTS', 'WAITING', 'DEAD', 'LAST DELIVERED'],
            notifications.map((notification) => [
              notification.name,
              notification.format,
              notification.receiver ?? (notification.hasCredentials ? 'as its credentials say' : null),
              notification.environments.join(','),
              notification.events.join(',') || 'as the format has it',
              notification.waiting,
              notification.dead > 0 ? { text: String(notification.dead), style: 'red' } : 0,
              ago(notification.lastDeliveredAt, Date.now()),
            ]),
            'The fleet repository declares no notification.',
          ),
      );
    });
}

interface DeliveriesFlags extends OutputFlags {
  readonly notification?: string;
  readonly state?: string;
  readonly type?: string;
  readonly limit: number;
}

function deliveriesCommand(context: CommandContext): Command {
  return new Command('deliveries')
    .description('List what was told, is still to be, or is given up; newest first.')
    .option('--notification <name>', 'only to one of them')
    .option('--state <state>', 'only waiting, delivered, superseded or dead ones')
    .option('--type <type>', 'only of one kind: rollout.stopped, agent.silent, …')
    .addOption(limitOption('deliveries'))
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText(
      'after',
      examples('fairway notification deliveries --state dead', 'fairway notification deliveries -o json'),
    )
    .action(async ({ output, watch, limit, ...filters }: DeliveriesFlags, command: Command) => {
      const client = await connect(context, command);
      const read = () => client.list<Delivery>('/deliveries', { ...filters }, limit);
      await show(context, client, { output, watch }, read, (deliveries) =>
        renderTable(
          context.terminal,
          ['ID', 'NOTIFICATION', 'STATE', 'TYPE', 'WHAT', 'AGO', 'ATTEMPTS', 'NEXT', 'WHY'],
          deliveries.map((delivery) => [
            delivery.id,
            delivery.notification,
            word(delivery.state),
            delivery.notice.type,
            delivery.notice.message,
            ago(delivery.createdAt, Date.now()),
            delivery.attempts,
            until(delivery.nextAttemptAt, Date.now()),
            delivery.reason,
          ]),
          'Nothing was to be told.',
        ),
      );
    });
}

function redeliverCommand(context: CommandContext): Command {
  return new Command('redeliver')
    .description('Deliver once more what was delivered or given up.')
    .argument('<id>', 'of a delivery')
    .addOption(outputOption())
    .addHelpText('after', examples('fairway notification redeliver 42'))
    .action(async (id: string, flags: OutputFlags, command: Command) => {
      const client = await connect(context, command);
      const delivery = await client.send<Delivery>('POST', `/deliveries/${encodeURIComponent(id)}/redeliver`);
      printAs(context, flags, delivery, ({ notification }) => `Delivery ${id} is on its way to ${notification} again.`);
    });
}

interface CredentialsFlags extends RemoveFlags {
  readonly urlFile?: string;
  readonly secretFile?: string;
  readonly tokenFile?: string;
}

function credentialsCommand(context: CommandContext): Command {
  return new Command('credentials')
    .description('Give the hub what notifications are sent with. Nothing shows it again.')
    .argument('<name>', 'the name in their spec.credentials')
    .option('--url-file <file>', 'where they are sent, where the URL itself is a secret (Slack)')
    .option('--secret-file <file>', 'what CloudEvents are signed with: whsec_ and base64, or any text')
    .option('--token-file <file>', 'what commit statuses are posted with, in place of the password of the source')
    .option('--remove', 'forget what is stored')
    .addOption(outputOption())
    .addHelpText(
      'after',
      examples(
        'fairway notification credentials on-call --secret-file on-call.secret',
        'fairway notification credentials chat --url-file slack.url',
        'fairway notification credentials chat --remove',
      ),
    )
    .action(async (name: string, flags: CredentialsFlags, command: Command) => {
      await keepCredentials<NotificationCredentialsState>(context, command, flags, {
        ...{
          of: 'notification',
          name,
          read: () => readCredentials(flags),
          users: ({ notifications }) => notifications,
        },
      });
    });
}

async function readCredentials({ urlFile, secretFile, tokenFile }: CredentialsFlags): Promise<NotificationCredentials> {
  const read = async (flag: string, file: string | undefined) =>
    file === undefined ? undefined : (await readNamed(flag, file)).trim();
  const [url, secret, token] = await Promise.all([
    read('--url-file', urlFile),
    read('--secret-file', secretFile),
    read('--token-file', tokenFile),
  ]);
  if (url === undefined && secret === undefined && token === undefined) {
    throw usageError('say what to store', 'give --url-file, --secret-file, --token-file, or --remove');
  }
  return {
    ...(url === undefined ? {} : { url }),
    ...(secret === undefined ? {} : { secret }),
    ...(token === undefined ? {} : { token }),
  };
}
