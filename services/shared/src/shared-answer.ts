/**
 * One answer for all who ask while it is being fetched, and for those who come within `keepMs` of the question: what many may ask
 * for at any time costs the same however often they do. A failure is an answer too.
 */
export function sharedAnswer<T>(
  ask: () => Promise<T>,
  { keepMs = 1_000, nowMs = () => performance.now() } = {},
): () => Promise<T> {
  let latest: { readonly answer: Promise<T>; readonly askedAtMs: number } | undefined;
  let isPending = false;
  return () => {
    if (latest && (isPending || nowMs() - latest.askedAtMs < keepMs)) return latest.answer;
    isPending = true;
    const answer = ask().finally(() => {
      isPending = false;
    });
    latest = { answer, askedAtMs: nowMs() };
    return answer;
  };
}
