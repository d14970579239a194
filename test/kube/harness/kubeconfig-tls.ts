/** What a kubeconfig of these tests, JSON with everything inline, proves its user and its server by: PEM texts. */
export function tlsOf(kubeconfig: string): { ca: string; cert: string; key: string } {
  const { clusters, users } = JSON.parse(kubeconfig) as {
    clusters: { cluster: Record<string, string> }[];
    users: { user: Record<string, string> }[];
  };
  const text = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString();
  const user = users[0]?.user;
  return {
    ca: text(clusters[0]?.cluster['certificate-authority-data']),
    cert: text(user?.['client-certificate-data']),
    key: text(user?.['client-key-data']),
  };
}
