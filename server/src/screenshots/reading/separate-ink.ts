// Tells writing from what it is written on, whatever the theme: each flat area of a picture is ground, and the rest is ink, as dark as it
// stands out from the ground beside it. White on a red button in a light page comes out as black on white.

export interface Ink {
  /** One byte a pixel: 255 is ground, 0 the strongest ink. */
  pixels: Buffer<ArrayBuffer>;
  /** Only what is as tall as the large figures of a dashboard, and their height; null when there is none. */
  large: { pixels: Buffer<ArrayBuffer>; letterHeight: number } | null;
}

/** Grey levels that one area may differ by from where it was entered: noise of JPEG, soft gradients. */
const tolerance = 10;
/** As tall as this at its own size, a letter at twice the size is taken for a picture. */
const largeLetter = 28;
/** Differences below this are no ink. */
const faint = 12;

interface Areas {
  /** Area number of each pixel. */
  of: Int32Array;
  ground: Uint8Array;
  /** Grey level of each area. */
  level: Uint8Array;
  /** Height of each area. */
  height: Uint16Array;
}

/**
 * Areas are filled from their first pixel within a fixed range, so that a soft edge can't lead from one into the next. Linear in the
 * number of pixels.
 */
function findAreas(grey: Uint8Array, width: number, height: number): Areas {
  const size = width * height;
  const of = new Int32Array(size).fill(-1);
  const ground: number[] = [];
  const level: number[] = [];
  const heights: number[] = [];
  const stack = new Int32Array(size);
  for (let seed = 0; seed < size; seed++) {
    if (of[seed] !== -1) continue;
    const number = ground.length;
    const value = grey[seed] ?? 0;
    const [low, high] = [value - tolerance, value + tolerance];
    let [left, right, top, bottom, count, sum] = [width, 0, height, 0, 0, 0];
    let depth = 0;
    stack[depth++] = seed;
    of[seed] = number;
    while (depth > 0) {
      const at = stack[--depth] ?? 0;
      const x = at % width;
      const y = (at - x) / width;
      count++;
      sum += grey[at] ?? 0;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
      for (let side = 0; side < 4; side++) {
        const next = side === 0 ? at - 1 : side === 1 ? at + 1 : side === 2 ? at - width : at + width;
        if (side === 0 && x === 0) continue;
        if (side === 1 && x === width - 1) continue;
        if (next < 0 || next >= size || of[next] !== -1) continue;
        const there = grey[next] ?? 0;
        if (there < low || there > high) continue;
        of[next] = number;
        stack[depth++] = next;
      }
    }
    const [wide, tall] = [right - left + 1, bottom - top + 1];
    const filled = count / (wide * tall);
    // A block, or something too long for a letter: the gap between panels, a border, the curve of a chart.
    const isGround = (wide >= 40 && tall >= 14 && filled >= 0.3) || (count >= 1500 && (wide >= 150 || tall >= 150));
    ground.push(isGround ? 1 : 0);
    level.push(Math.round(sum / count));
    heights.push(tall);
  }
  return { of, ground: Uint8Array.from(ground), level: Uint8Array.from(level), height: Uint16Array.from(heights) };
}

/** The grey level of the nearest ground for each pixel, by two sweeps that carry it along with its distance. */
function groundBeside({ of, ground, level }: Areas, width: number, height: number): Uint8Array {
  const size = width * height;
  const distance = new Uint16Array(size);
  const beside = new Uint8Array(size).fill(255);
  for (let at = 0; at < size; at++) {
    const area = of[at] ?? 0;
    if (ground[area] === 1) beside[at] = level[area] ?? 255;
    else distance[at] = 65_000;
  }
  const take = (at: number, from: number): void => {
    const far = (distance[from] ?? 65_000) + 1;
    if (far >= (distance[at] ?? 0)) return;
    distance[at] = far;
    beside[at] = beside[from] ?? 255;
  };
  for (let at = 0; at < size; at++) {
    if (distance[at] === 0) continue;
    if (at % width > 0) take(at, at - 1);
    if (at >= width) take(at, at - width);
  }
  for (let at = size - 1; at >= 0; at--) {
    if (distance[at] === 0) continue;
    if (at % width < width - 1) take(at, at + 1);
    if (at < size - width) take(at, at + width);
  }
  return beside;
}

/** `grey` is one byte a pixel, row by row. */
export function separateInk(grey: Uint8Array, width: number, height: number): Ink {
  const areas = findAreas(grey, width, height);
  const beside = groundBeside(areas, width, height);
  const pixels = Buffer.alloc(grey.length, 255);
  for (let at = 0; at < grey.length; at++) {
    if (areas.ground[areas.of[at] ?? 0] === 1) continue;
    const base = beside[at] ?? 255;
    const apart = Math.abs((grey[at] ?? 0) - base) - faint;
    if (apart <= 0) continue;
    const most = Math.max(base, 255 - base) - faint;
    pixels[at] = 255 - Math.min(255, Math.round((apart * 255) / (most * 0.75)));
  }
  return { pixels, large: largeInk(pixels, areas, width) };
}

/** Tall areas with the soft edge around them. */
function largeInk(ink: Buffer, { of, ground, height }: Areas, width: number): Ink["large"] {
  const pixels = Buffer.alloc(ink.length, 255);
  const tall = new Set<number>();
  height.forEach((value, area) => {
    if (ground[area] === 0 && value >= largeLetter && value <= 160) tall.add(area);
  });
  if (tall.size === 0 || tall.size > 400) return null;
  const edge = 3;
  for (let at = 0; at < ink.length; at++) {
    if (!tall.has(of[at] ?? -1)) continue;
    for (let dy = -edge; dy <= edge; dy++)
      for (let dx = -edge; dx <= edge; dx++) {
        const near = at + dy * width + dx;
        if (near >= 0 && near < ink.length) pixels[near] = ink[near] ?? 255;
      }
  }
  const heights = [...tall].map((area) => height[area] ?? 0).toSorted((a, b) => a - b);
  return { pixels, letterHeight: heights[heights.length >> 1] ?? largeLetter };
}
