/**
 * Deals `budget` out so that nobody gets more than they want, and whoever gets less than they want gets no less than anybody
 * else (max-min fairness). The answer has the order of the wishes.
 */
export function fairShares(wanted: Float64Array, budget: number): Float64Array {
  let total = 0;
  for (const wish of wanted) total += wish;
  if (total <= budget) return wanted;
  const given = new Float64Array(wanted.length);
  const order = Array.from(wanted.keys()).sort((left, right) => (wanted[left] ?? 0) - (wanted[right] ?? 0));
  let left = budget;
  order.forEach((index, position) => {
    const share = Math.min(wanted[index] ?? 0, left / (order.length - position));
    given[index] = share;
    left -= share;
  });
  return given;
}
