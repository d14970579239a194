import { Command } from 'commander';
import type { Promotion, PromotionRequest } from '../../proto/rest/promotions.ts';
import type { Release } from '../../proto/rest/releases.ts';
import type { Client } from '../client.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { usageError } from '../exit.ts';
import { followPromotions } from '../promotion/follow.ts';
import { exitCodeOfPromotions, hasStopped, isLookedAt, isOver } from '../promotion/outcome.ts';
import { renderPromotion } from '../promotion/view.ts';
import { createScreen, type Screen } from '../up/screen.ts';
import { untilInterrupted } from '../watch.ts';
import { gatherNames, parseDuration, reasonOption } from './options.ts';

interface PromoteFlags extends OutputFlags {
  readonly to: string;
  readonly release?: string;
  readonly revision?: string;
  readonly remove?: boolean;
  readonly reason?: string;
  readonly override?: readonly string[];
  readonly wait?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Milliseconds in which the hub has looked at a fresh promotion, or something keeps it. */
const firstLook = 10_000;
/** The longest that a timer waits: 24 days. */
const endless = 2 ** 31 - 1;

/** `fairway promote` */
export function promoteCommand(context: CommandContext): Command {
  return new Command('promote')
    .description('Bring releases into an environment: a promotion, its gates, a commit, and a rollout.')
    .argument(
      '<applications...>',
      'one application or several, which go as one commit; APP@REVISION for another release',
    )
    .requiredOption('--to <environment>', 'where to')
    .option('--release <id>', 'this release, APP@SHORTSHA, of one application')
    .option('--revision <commit>', 'the release of this commit; it is made where there is none')
    .option('--remove', 'take the applications away instead')
    .addOption(reasonOption())
    .option(
      '--override <gates>',
      'open these gates by force: eligibility, soak, check, approval, hold, window, rollout',
      gatherNames,
    )
    .option('--wait', 'wait until it is settled or ended, a line for each change')
    .option('-w, --watch', 'the same, live in a terminal')
    .option('--timeout <duration>', 'wait no longer than this: 30m, 2h', parseDuration)
    .addOption(outputOption())
    .addHelpText(
      'after',
      `\nWithout a release, what is settled and has soaked where the environment promotes from goes.\nIt ends with 0 where it goes on its way (with --wait: is settled), with 3 where it waits at a gate (with --wait: has\nnot ended in time), with 5 where it was refused, and with 1 where it ended otherwise or its rollout has stopped.\n${examples(
        'fairway promote shop --to staging',
        'fairway promote shop database --to prod --reason "new prices" --watch',
        'fairway promote shop@1ca3c1141945 --to prod --wait',
        'fairway promote shop --to prod --override window --reason "stops the outage"',
        'fairway promote legacy --to prod --remove --reason "replaced by shop"',
      )}`,
    )
    .action(async (applications: string[], flags: PromoteFlags, command: Command) => {
      const request = requestOf(applications, flags);
      const client = await connect(context, command);
      const { items } = await client.send<{ items: Promotion[] }>('POST', '/promotions', request);
      const { signal, release } = untilInterrupted();
      const screen = screenOf(context, flags);
      const toTheEnd = flags.wait === true || flags.watch === true;
      const patience = AbortSignal.timeout(toTheEnd ? (flags.timeout ?? endless) : firstLook);
      const options = { client, screen, terminal: context.terminal, signal: AbortSignal.any([signal, patience]) };
      try {
        const seen = await followPromotions(options, items, (all) => all.every(toTheEnd ? isOver : isLookedAt));
        context.exitCode = exitCodeOfPromotions(seen, toTheEnd);
        const last = seen.map(({ promotion }) => promotion);
        if (!toTheEnd || flags.output !== undefined) printAs(context, flags, last, renderAll(context));
        if (isUnnamed(request)) for (const note of await newerNotes(client, last)) context.terminal.note(note);
        const late = toTheEnd && patience.aborted ? seen.filter((each) => !isOver(each)) : [];
        for (const { promotion } of late)
          context.terminal.note(`Not settled in time: it goes on. See \`fairway promotion show ${promotion.id}\`.`);
        for (const { rollout } of seen.filter(hasStopped)) context.terminal.note(stoppedNote(rollout?.id ?? 0));
      } finally {
        release();
        screen.close();
      }
    });
}

/** The hub chose what to bring: what has settled and soaked where the environment promotes from. */
function isUnnamed({ release, revision, remove }: PromotionRequest): boolean {
  return release === undefined && revision === undefined && remove !== true;
}

/** What was committed since, and may have been meant. */
async function newerNotes(client: Client, promotions: readonly Promotion[]): Promise<readonly string[]> {
  const notes = promotions.map(async ({ application, release, environment }) => {
    const [newest] = await client.list<Release>('/releases', { application }, 1);
    if (newest === undefined || release === null || newest.id === release) return [];
    const next = `fairway promote ${newest.id} --to ${environment}`;
    return [`${newest.id} is newer, and not settled yet where ${environment} promotes from: \`${next}\` asks for it.`];
  });
  return (await Promise.all(notes)).flat();
}

function stoppedNote(rollout: number): string {
  return `Rollout ${rollout} has stopped. Try again with \`fairway rollout retry ${rollout}\`, go on without what failed with \`fairway rollout resume ${rollout}\`, or go back with \`fairway rollback\`.`;
}

/** Programs are shown the end alone; so are people who did not ask to wait. */
function screenOf({ environment }: CommandContext, { output, wait, watch }: PromoteFlags): Screen {
  if (output !== undefined || (wait !== true && watch !== true)) return createScreen(nowhere, true);
  return createScreen(process.stdout, watch !== true || environment.TERM === 'dumb');
}

const nowhere = { write: () => true, on: () => undefined, off: () => undefined };

function renderAll({ terminal }: CommandContext): (promotions: readonly Promotion[]) => string {
  return (promotions) => promotions.map((each) => renderPromotion(terminal, each, Date.now()).join('\n')).join('\n\n');
}

function requestOf(names: readonly string[], flags: PromoteFlags): PromotionRequest {
  const [first = '', ...others] = names;
  const applications = names.map((name) => name.split('@')[0] ?? name);
  const release = flags.release ?? (first.includes('@') ? first : undefined);
  if (release !== undefined && others.length > 0) {
    throw usageError('a release is of one application', 'promote it alone, or let --revision name the commit of all');
  }
  if (flags.timeout !== undefined && flags.wait !== true && flags.watch !== true) {
    throw usageError('--timeout needs --wait or --watch', 'without them it is asked for, and looked at once');
  }
  if (flags.override !== undefined && flags.reason === undefined) {
    throw usageError('--override needs --reason', 'the ledger keeps why a gate was opened by force');
  }
  return {
    environment: flags.to,
    applications,
    ...(release === undefined ? {} : { release }),
    ...(flags.revision === undefined ? {} : { revision: flags.revision }),
    ...(flags.remove === true ? { remove: true } : {}),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(flags.override === undefined
      ? {}
      : { override: [...flags.override] as NonNullable<PromotionRequest['override']> }),
  };
}
