// What a scope claims, packed into one value of its row: far cheaper than an index of claims by scope, and read only when it changes.

export interface Claims {
  nodes: Float64Array;
  sources: Float64Array;
  targets: Float64Array;
  types: Uint8Array;
}

/** [nodes u32][edges u32][node ids f64…][sources f64…][targets f64…][types u8…], little-endian. */
export function encodeClaims(
  nodes: readonly number[],
  edges: readonly { src: number; dst: number; type: number }[],
): Uint8Array {
  const bytes = new Uint8Array(8 + nodes.length * 8 + edges.length * 17);
  new Uint32Array(bytes.buffer, 0, 2).set([nodes.length, edges.length]);
  const numbers = new Float64Array(bytes.buffer, 8, nodes.length + edges.length * 2);
  numbers.set(nodes);
  const types = bytes.subarray(8 + numbers.byteLength);
  edges.forEach((edge, index) => {
    numbers[nodes.length + index] = edge.src;
    numbers[nodes.length + edges.length + index] = edge.dst;
    types[index] = edge.type;
  });
  return bytes;
}

export function decodeClaims(stored: Uint8Array): Claims {
  // Copied: what the database hands out need not be aligned to 8 bytes.
  const bytes = new Uint8Array(stored);
  const [nodeCount = 0, edgeCount = 0] = new Uint32Array(bytes.buffer, 0, 2);
  const numbers = new Float64Array(bytes.buffer, 8, nodeCount + edgeCount * 2);
  return {
    nodes: numbers.subarray(0, nodeCount),
    sources: numbers.subarray(nodeCount, nodeCount + edgeCount),
    targets: numbers.subarray(nodeCount + edgeCount),
    types: bytes.subarray(8 + numbers.byteLength),
  };
}
