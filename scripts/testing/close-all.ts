/**
 * Takes every step in turn, also after one that failed: what a test leaves open keeps Jest from ending, or the next test from its
 * port or namespace.
 *
 * @throws what the first one threw that failed
 */
export async function closeAll(...steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
