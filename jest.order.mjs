/**
 * Jest's order of the cluster tests, which else is that of their sizes: those of the installed shop one after another, so that it
 * is installed once, and then the one that removes it.
 */
export default class FileOrder {
  sort(tests) {
    const rank = ({ path }) => (path.includes('/shop/removal') ? 2 : path.includes('/shop/') ? 1 : 0);
    return [...tests].sort((left, right) => rank(left) - rank(right) || left.path.localeCompare(right.path));
  }

  cacheResults() {}
}
