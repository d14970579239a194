import { driftSuite } from '../contract/drift-suite.ts';
import { openGround } from './ground.ts';
import { describeKube } from './harness/describe.ts';

describeKube('drift on a real API server', () => driftSuite(() => openGround('drift')));
