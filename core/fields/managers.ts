/** Tells the hands of people from those of controllers, by the name of the field manager (A4). */

const tools = [
  /^kubectl/i, // kubectl, kubectl-edit, kubectl-patch, kubectl-client-side-apply, kubectl_v1.12
  /^before-first-apply$/, // what stood there before anybody applied on the server's side
  /^oc$/i,
  /^helm$/i,
  /^k9s$/i,
  /^(open)?lens$/i,
  /^headlamp/i,
  /^dashboard/i,
  /^curl$/i,
  /^Mozilla$/i,
  /^terraform/i,
  /^pulumi/i,
  /^kustomize$/i,
  // Programs that say nothing of themselves but which library they were written with.
  /^(node|node-fetch|undici|axios|okhttp|wget|Go-http-client|OpenAPI-Generator|PostmanRuntime)$/i,
  /^python/i,
  /^unknown$/,
];

/**
 * True for the managers that people's tools write under: what they set is taken over. Whatever else has set a field
 * is taken for a controller, which would only set it again.
 */
export function isPersonsTool(manager: string): boolean {
  return manager === '' || tools.some((tool) => tool.test(manager));
}
