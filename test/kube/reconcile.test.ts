import { engineSuite } from '../contract/engine-suite.ts';
import { orderSuite } from '../contract/order-suite.ts';
import { planSuite } from '../contract/plan-suite.ts';
import { openGround } from './ground.ts';
import { describeKube } from './harness/describe.ts';

describeKube('the engine on a real API server', () =>
  // kube-apiserver 1.20, as Debian builds it, dies at the first custom resource.
  engineSuite(() => openGround('reconcile'), { customResources: false }),
);
describeKube('the order of applying on a real API server', () => orderSuite(() => openGround('order')));
describeKube('plans on a real API server', () => planSuite(() => openGround('plan')));
