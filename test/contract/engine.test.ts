import { describe } from 'vitest';
import { createMemoryCluster } from '../memory/cluster.ts';
import { driftSuite } from './drift-suite.ts';
import { engineSuite } from './engine-suite.ts';
import { orderSuite } from './order-suite.ts';
import { planSuite } from './plan-suite.ts';

const open = async () => ({ ground: createMemoryCluster(), close: async () => undefined });

describe('the engine on a cluster in memory', () => engineSuite(open, { customResources: true }));
describe('drift on a cluster in memory', () => driftSuite(open));
describe('the order of applying on a cluster in memory', () => orderSuite(open));
describe('plans on a cluster in memory', () => planSuite(open));
