import { describe } from 'vitest';
import { createMemoryCluster } from '../memory/cluster.ts';
import { sopsSuite } from './sops-suite.ts';

const open = async () => ({ ground: createMemoryCluster(), close: async () => undefined });

describe('SOPS on a cluster in memory', () => sopsSuite(open, { validates: false }));
