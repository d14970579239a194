import { engineSuite } from '../contract/engine-suite.ts';
import { hookSuite } from '../contract/hook-suite.ts';
import { moveSuite } from '../contract/move-suite.ts';
import { ownershipSuite } from '../contract/ownership-suite.ts';
import { planSuite } from '../contract/plan-suite.ts';
import { shelterSuite } from '../contract/shelter-suite.ts';
import { waveSuite } from '../contract/wave-suite.ts';
import { openGround } from './ground.ts';
import { describeKube } from './harness/describe.ts';

describeKube('the engine on a real API server', () =>
  // kube-apiserver 1.20, as Debian builds it, dies at the first custom resource.
  engineSuite(() => openGround('reconcile'), { customResources: false }),
);
describeKube('waves on a real API server', () => waveSuite(() => openGround('waves')));
describeKube('hooks on a real API server', () => hookSuite(() => openGround('hooks')));
describeKube('plans on a real API server', () => planSuite(() => openGround('plan')));
describeKube('ownership on a real API server', () => ownershipSuite(() => openGround('ownership')));
describeKube('namespaces that leave, on a real API server', () => shelterSuite(() => openGround('shelter')));
describeKube('moves on a real API server', () => moveSuite(() => openGround('moves')));
