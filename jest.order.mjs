/**
 * Jest's order of the cluster tests, which else is that of their sizes: those of the installed shop one after another, so that it
 * is installed once, and then the one that removes it. The controller takes minutes to come down after the burst: tests that let
 * payments be, and upgrade nothing by a wait, run meanwhile.
 */
const order = [
  /\/cluster\/(?!shop\/)/,
  /\/shop\/burst/,
  /\/shop\/(dead-letters|denials|tokens)/,
  /\/shop\/scale-down/,
  /\/shop\/(?!removal)/,
  /\/shop\/removal/,
];

export default class FileOrder {
  sort(tests) {
    const rank = ({ path }) => order.findIndex((pattern) => pattern.test(path));
    return [...tests].sort((left, right) => rank(left) - rank(right) || left.path.localeCompare(right.path));
  }

  cacheResults() {}
}
