import { seededRandom } from '@shop/shared/seeded-random';

/** Evenly spread numbers in [0, 1) that a seed determines; near seeds are far apart. */
export function randomFrom(seed: number): () => number {
  return seededRandom(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b));
}

/** A number that is normally distributed around 0 with variance 1 (Box and Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How many of events that come by chance, `mean` in a second, come in one: Poisson, above 30 its normal approximation. */
export function poisson(mean: number, random: () => number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
