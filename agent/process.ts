import type { AgentFlags } from '../core/agent-flags.ts';
import { createLogger } from '../telemetry/log.ts';
import { untilSignal, untilStarted } from '../telemetry/signals.ts';
import { readVariableFiles } from '../telemetry/variable-files.ts';
import { readAgentConfig } from './config.ts';
import { ownNamespace, startAgent } from './main.ts';

/**
 * Runs an agent until a signal; resolves to the exit code.
 * @throws FairwayError where the configuration is wrong or the hub refuses it for good
 */
export async function runAgentProcess(flags: AgentFlags, environment: NodeJS.ProcessEnv): Promise<number> {
  const config = readAgentConfig(flags, readVariableFiles(environment, ['FAIRWAY_SOPS_AGE_KEY_FILE']), ownNamespace());
  // Every user of the machine can read a process's command line, and this one may hold a join token (A11).
  process.title = 'fairway agent';
  const log = createLogger('agent', config.logLevel);
  const signalled = untilSignal();
  const agent = await untilStarted(startAgent(config, log), signalled);
  const end = await Promise.race([signalled, agent.refused]);
  if (!(end instanceof Error)) log.info({ signal: end }, 'stopping; the same signal again ends it at once');
  await agent.stop();
  if (end instanceof Error) throw end;
  return 0;
}
