import { Argument, Command } from 'commander';
import { type CommandContext, examples } from '../context.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** `fairway completion` */
export function completionCommand({ terminal }: CommandContext): Command {
  return new Command('completion')
    .description('Print what makes a shell complete commands and flags.')
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples(
        'source <(fairway completion bash)',
        'fairway completion zsh > "$' + '{fpath[1]}/_fairway"',
        'fairway completion fish > ~/.config/fish/completions/fairway.fish',
      ),
    )
    .action((shell: Shell) => terminal.print(scripts[shell]));
}

/** `fairway complete WORD…`: what may follow, a line each; the last word is the one being typed. For the scripts below. */
export function completeCommand({ terminal }: CommandContext, program: Command): Command {
  return new Command('complete')
    .argument('[words...]')
    .helpOption(false)
    .action((words: string[]) => {
      const candidates = candidatesFor(program, words);
      if (candidates.length > 0) terminal.print(candidates.join('\n'));
    });
}

/** What may stand in the place of the last word. */
export function candidatesFor(program: Command, words: readonly string[]): string[] {
  const typed = words.at(-1) ?? '';
  let command = program;
  for (const word of words.slice(0, -1)) {
    command = command.commands.find((child) => child.name() === word) ?? command;
  }
  const options = [...command.options, ...program.options];
  const before = words.at(-2) ?? '';
  const asked = options.find(({ short, long, required }) => required && [short, long].includes(before));
  if (asked !== undefined) return (asked.argChoices ?? []).filter((choice) => choice.startsWith(typed)).sort();
  const names = command.commands.map((child) => child.name()).filter((name) => name !== 'complete');
  const flags = options
    .flatMap(({ short, long }) => [short, long])
    .filter((flag) => flag?.startsWith('--') === true)
    .map(String);
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const candidates = typed.startsWith('-') ? [...flags, '--help'] : [...names, ...choices];
  return [...new Set(candidates)].filter((candidate) => candidate.startsWith(typed)).sort();
}

const scripts: Readonly<Record<Shell, string>> = {
  bash: `_fairway() {
  local IFS=$'\\n'
  COMPREPLY=($(fairway complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _fairway fairway`,
  zsh: `#compdef fairway
_fairway() {
  local -a candidates
  candidates=("\${(@f)$(fairway complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n $candidates[1] ]] && compadd -a candidates || _files
}
if [[ $funcstack[1] == _fairway ]]; then _fairway "$@"; else compdef _fairway fairway; fi`,
  fish: `complete -c fairway -a '(fairway complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
};
