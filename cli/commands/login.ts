import { Command } from 'commander';
import type { Identity, Me } from '../../proto/rest/identity.ts';
import { createClient } from '../client.ts';
import { type ConnectionFlags, checkUrl, localUrl, readLocalToken } from '../connection.ts';
import { type CommandContext, examples } from '../context.ts';
import { usageError } from '../exit.ts';
import { readSettings, settingsFile, writeSettings } from '../settings.ts';

/** `fairway login` */
export function loginCommand({ terminal, environment }: CommandContext): Command {
  return new Command('login')
    .description('Remember a hub and a token, and ask that hub from now on.')
    .argument('[url]', 'the hub', environment.FAIRWAY_URL || localUrl)
    .addHelpText(
      'after',
      `\nThe token comes from --token, FAIRWAY_TOKEN, standard input, the data directory of a hub on this machine, or a\nquestion, in this order; it is kept in ~/.config/fairway/config.json, readable by you alone.\n${examples(
        'fairway login https://hub.example',
        'fairway login https://hub.example < token',
        'fairway login                        # the hub on this machine',
      )}`,
    )
    .action(async (_url: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ConnectionFlags>();
      const url = checkUrl(command.args[0] ?? flags.url ?? (environment.FAIRWAY_URL || localUrl));
      // Whether it is a hub at all comes first: a token is not shown to anything else.
      const { version } = await createClient({ url, token: null }).get<Identity>('/identity');
      const token =
        flags.token ||
        environment.FAIRWAY_TOKEN ||
        (await terminal.readPiped()) ||
        (url === localUrl ? await readLocalToken(environment) : null) ||
        (await terminal.askSecret(`Token for ${url}: `));
      if (!token) throw usageError('no token was given', 'give it by --token, FAIRWAY_TOKEN or standard input');
      const me = await createClient({ url, token }).get<Me>('/me');
      const { hubs } = await readSettings(environment);
      await writeSettings(environment, { current: url, hubs: { ...hubs, [url]: token } });
      terminal.print(`Logged in to ${url} (Fairway ${version}) as ${me.actor}, ${me.role}.`);
      terminal.note(`kept in ${settingsFile(environment)}`);
    });
}
