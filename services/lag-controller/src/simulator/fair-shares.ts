/**
 * Deals `budget` out so that nobody gets more than they want, and whoever gets less than they want gets no less than anybody
 * else (max-min fairness). The answer has the order of the wishes.
 */
export function fairShares(wanted: readonly number[], budget: number): readonly number[] {
  let total = 0;
  for (const wish of wanted) total += wish;
  if (total <= budget) return wanted;
  const given: number[] = new Array(wanted.length).fill(0);
  const order = leastFirst(wanted);
  let left = budget;
  for (let position = 0; position < order.length; position += 1) {
    const index = order[position] as number;
    const share = Math.min(wanted[index] as number, left / (order.length - position));
    given[index] = share;
    left -= share;
  }
  return given;
}

/** By insertion: the lists are short, and this is the innermost loop of a simulation whose consumers are behind. */
function leastFirst(wanted: readonly number[]): number[] {
  const order: number[] = [];
  for (let index = 0; index < wanted.length; index += 1) {
    const wish = wanted[index] as number;
    let place = index;
    while (place > 0 && (wanted[order[place - 1] as number] as number) > wish) {
      order[place] = order[place - 1] as number;
      place -= 1;
    }
    order[place] = index;
  }
  return order;
}
