/** The agent's flags, each with the variable that it wins over. `fairway agent` and the agent's own program take the same. */
export const agentFlags = [
  { name: 'hub', value: 'host:port', variable: 'FAIRWAY_HUB', text: 'the hub to dial' },
  {
    name: 'join-token',
    value: 'token',
    variable: 'FAIRWAY_JOIN_TOKEN',
    text: 'from `fairway cluster register`; needed once',
  },
  { name: 'kubeconfig', value: 'file', variable: 'KUBECONFIG', text: 'outside a cluster: how to reach it' },
  {
    name: 'data-dir',
    value: 'directory',
    variable: 'FAIRWAY_DATA_DIR',
    text: 'where to keep state; in a cluster, Secrets do where left out',
  },
  {
    name: 'sops-age-key-file',
    value: 'file',
    variable: 'FAIRWAY_SOPS_AGE_KEY_FILE',
    text: 'age keys for what SOPS encrypted; in a cluster, also the Secret fairway-sops beside the agent',
  },
  { name: 'health', value: 'host:port', variable: 'FAIRWAY_HEALTH', text: 'where probes may ask' },
  { name: 'log-level', value: 'level', variable: 'FAIRWAY_LOG_LEVEL', text: 'debug, info, warn or error' },
] as const;

export type AgentVariable = (typeof agentFlags)[number]['variable'];

/** Flags by their variable's name; a flag wins over the environment. */
export type AgentFlags = Readonly<Partial<Record<AgentVariable, string | undefined>>>;
