// Long computations in slices: answers to others go out between them.

/** Call it between steps: it lets the event loop run when the slice is used up, and costs nothing otherwise. */
export function createPace(sliceMs = 10): () => Promise<void> {
  let start = performance.now();
  return async () => {
    if (performance.now() - start < sliceMs) return;
    await new Promise(setImmediate);
    start = performance.now();
  };
}
