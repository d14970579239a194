import type { Duplex } from '../../core/link/duplex.ts';
import type { AgentMessage, HubMessage } from '../../core/link/messages.ts';

/**
 * Opens a stream to the hub, joining first where that has not been done.
 * @throws FairwayError; `retry: 'terminal'` where trying again cannot help: this agent has no way in.
 */
export type Dial = (signal: AbortSignal) => Promise<Duplex<AgentMessage, HubMessage>>;
