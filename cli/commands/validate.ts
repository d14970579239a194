import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { validateFleet } from '../../core/validate.ts';
import { type CommandContext, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { exit, usageError } from '../exit.ts';
import { problemLines } from './problem-lines.ts';

/** `fairway validate` */
export function validateCommand(context: CommandContext): Command {
  return new Command('validate')
    .description("Check a fleet repository's folder without a hub, as a pull request's CI does. Ends with 1 on errors.")
    .argument('[directory]', 'the root of the repository', '.')
    .addOption(outputOption())
    .addHelpText('after', examples('fairway validate', 'fairway validate ~/fleet', 'fairway validate -o json'))
    .action(async (directory: string, flags: OutputFlags) => {
      const problems = validateFleet(await readTree(directory));
      printAs(context, flags, problems, (all) =>
        all.length === 0 ? 'No problems.' : problemLines(context.terminal, all).join('\n'),
      );
      if (problems.some(({ severity }) => severity === 'error')) context.exitCode = exit.failed;
    });
}

/** All files of a folder by their path in it, as Git would hold them: without `.git`, and without following links. */
async function readTree(root: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = await stat(root).catch(() => null);
  if (found?.isDirectory() !== true) throw usageError(`${root} is no directory`);
  const files = new Map<string, Uint8Array>();
  async function visit(folder: string): Promise<void> {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== '.git' && entry.name !== 'node_modules') await visit(path);
      } else if (entry.isFile()) {
        files.set(path, await readFile(join(root, path)));
      }
    }
  }
  await visit('');
  return files;
}
