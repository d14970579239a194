import { sopsSuite } from '../contract/sops-suite.ts';
import { openGround } from './ground.ts';
import { describeKube } from './harness/describe.ts';

describeKube('SOPS on a real API server', () => sopsSuite(() => openGround('sops'), { validates: true }));
