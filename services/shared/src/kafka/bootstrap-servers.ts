/**
 * The servers in the order in which the next client of a use asks them: each begins at another one than the client before it.
 * kafkajs goes on to the next only where one refuses it, so one that takes connections and answers nothing keeps a client for its
 * life, and would keep every one.
 */
export function bootstrapServers<Use>(servers: readonly string[]): (use: Use) => string[] {
  const opened = new Map<Use, number>();
  return (use) => {
    const before = opened.get(use) ?? 0;
    opened.set(use, before + 1);
    const first = before % servers.length;
    return [...servers.slice(first), ...servers.slice(0, first)];
  };
}
