import { parseArgs } from 'node:util';
import { type AgentFlags, agentFlags } from '../core/agent-flags.ts';
import { FairwayError, messageOf } from '../core/errors.ts';
import { explain } from '../core/explain.ts';
import { version } from '../telemetry/version.ts';
import { runAgentProcess } from './process.ts';

/**
 * The agent as a program of its own, which the build bundles to one file: `fairway agent` without the command line
 * around it, whose parser alone would cost the agent 3 MB of memory.
 */

interface Asked {
  readonly help: boolean;
  readonly version: boolean;
  readonly flags: AgentFlags;
}

/** @throws FairwayError `usage` */
function parse(args: readonly string[]): Asked {
  const text = Object.fromEntries(agentFlags.map(({ name }) => [name, { type: 'string' as const }]));
  const asked = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'V' } } as const;
  try {
    const values: Readonly<Record<string, unknown>> = parseArgs({
      args: [...args],
      options: { ...text, ...asked },
    }).values;
    const flags = Object.fromEntries(agentFlags.map(({ name, variable }) => [variable, values[name]])) as AgentFlags;
    return { help: values.help === true, version: values.version === true, flags };
  } catch (cause) {
    throw new FairwayError('usage', messageOf(cause), { remedy: 'see --help', cause });
  }
}

function help(): string {
  const rows = agentFlags.map(({ name, value, text, variable }) => [`--${name} <${value}>`, `${text} (${variable})`]);
  const width = Math.max(...rows.map(([flag = '']) => flag.length));
  const lines = rows.map(([flag = '', text = '']) => `  ${flag.padEnd(width)}  ${text}`);
  return ['Run the agent of one Kubernetes cluster for Fairway.', '', ...lines, ''].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const asked = parse(args);
    if (!asked.help && !asked.version) return await runAgentProcess(asked.flags, process.env);
    process.stdout.write(asked.help ? help() : `${version}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${explain('fairway-agent', error).join('\n')}\n`);
    return error instanceof FairwayError && error.code === 'usage' ? 2 : 1;
  }
}

// Without `await`, which the bundle's module format has not at its top.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
