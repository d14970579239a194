import { conditionOf, degraded, explained, type HealthCheck, healthy, progressing } from './report.ts';

/** A CustomResourceDefinition: healthy once it is established; refused names are a failure. */
export const definitionHealth: HealthCheck = (object) => {
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False') return degraded(`its names are not accepted${explained(names)}`);
  const established = conditionOf(object, 'Established');
  if (established?.status === 'True') return healthy('it is established');
  return progressing('it is not established yet');
};

/** An APIService: available, or not yet. */
export const serviceApiHealth: HealthCheck = (object) => {
  const available = conditionOf(object, 'Available');
  if (available?.status === 'True') return healthy('it is available');
  return progressing(`it is not available${explained(available)}`);
};
