/** What the operating system says of a connection that cannot be had, or is gone. */
const connectionCalls = new Set(['connect', 'read', 'write', 'getaddrinfo']);

/** True where a query failed because PostgreSQL is away, starting or stopping: nothing is wrong with the query. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return /^Connection terminated|^timeout exceeded when trying to connect/.test(message);
  // Classes 08 (connection exception) and 57P (operator intervention) of SQLSTATE.
  return (syscall !== undefined && connectionCalls.has(syscall)) || /^(08|57P)/.test(code);
}
