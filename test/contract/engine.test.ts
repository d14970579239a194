import { describe } from 'vitest';
import { createMemoryCluster } from '../memory/cluster.ts';
import { driftSuite } from './drift-suite.ts';
import { engineSuite } from './engine-suite.ts';
import { hookSuite } from './hook-suite.ts';
import { moveSuite } from './move-suite.ts';
import { ownershipSuite } from './ownership-suite.ts';
import { planSuite } from './plan-suite.ts';
import { shelterSuite } from './shelter-suite.ts';
import { waveSuite } from './wave-suite.ts';

const open = async () => ({ ground: createMemoryCluster(), close: async () => undefined });

describe('the engine on a cluster in memory', () => engineSuite(open, { customResources: true }));
describe('drift on a cluster in memory', () => driftSuite(open));
describe('waves on a cluster in memory', () => waveSuite(open));
describe('hooks on a cluster in memory', () => hookSuite(open));
describe('plans on a cluster in memory', () => planSuite(open));
describe('ownership on a cluster in memory', () => ownershipSuite(open));
describe('namespaces that leave, on a cluster in memory', () => shelterSuite(open));
describe('moves on a cluster in memory', () => moveSuite(open));
