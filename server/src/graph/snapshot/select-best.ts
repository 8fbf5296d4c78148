// The best few of many, in order, without sorting the rest.

/** The first `count` by `before`, in order, without sorting the rest: a heap whose root is the worst one kept. */
export function selectBest(
  items: Iterable<number>,
  count: number,
  before: (a: number, b: number) => boolean,
): number[] {
  const heap: number[] = [];
  if (count <= 0) return heap;
  const sink = (start: number): void => {
    for (let at = start; ;) {
      const left = at * 2 + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const worse = right < heap.length && before(heap[left]!, heap[right]!) ? right : left;
      if (!before(heap[at]!, heap[worse]!)) return;
      [heap[at], heap[worse]] = [heap[worse]!, heap[at]!];
      at = worse;
    }
  };
  for (const item of items) {
    if (heap.length < count) {
      heap.push(item);
      for (let at = heap.length - 1; at > 0;) {
        const parent = (at - 1) >>> 1;
        if (!before(heap[parent]!, heap[at]!)) break;
        [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
        at = parent;
      }
    } else if (before(item, heap[0]!)) {
      heap[0] = item;
      sink(0);
    }
  }
  return heap.sort((a, b) => (before(a, b) ? -1 : 1));
}
