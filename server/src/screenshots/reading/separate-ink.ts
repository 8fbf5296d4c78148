// Tells writing from what it is written on, whatever the theme: each flat area of a picture is ground, and the rest is ink, as dark as it
// stands out from the ground beside it. White on a red button in a light page comes out as black on white.

import type { Box } from "./assemble-lines.ts";

export interface Ink {
  /** One byte a pixel: 255 is ground, 0 the strongest ink. */
  pixels: Buffer<ArrayBuffer>;
  /** Only what is as tall as the large figures of a dashboard, a picture for letters of about one height; none is the usual. */
  large: { pixels: Buffer<ArrayBuffer>; letterHeight: number }[];
  /** What has a ground of its own: panels, cards, buttons. The largest first. */
  areas: Box[];
}

/** Grey levels that one area may differ by from where it was entered: noise of JPEG, soft gradients. */
const tolerance = 10;
/** As tall as this at its own size, a letter at twice the size is taken for a picture; taller than the last of these, it is one. */
const largeLetters = [20, 34, 60, 130, 420] as const;
const mostAreas = 400;
/** Differences below this are no ink. */
const faint = 12;

interface Areas {
  /** Area number of each pixel. */
  of: Int32Array;
  ground: Uint8Array;
  /** Grey level of each area. */
  level: Uint8Array;
  /** Grounds, and what is as tall as large letters: not the millions of specks that a photo has. */
  grounds: Box[];
  tall: Box[];
}

/** The figure of a very large "503", not the ground of a card: no wider than a letter, and two corners of its box are not its own. */
function lacksCorners({ x, y, width, height }: Box, isOwn: (at: number) => boolean, lineWidth: number): boolean {
  if (width > 1.3 * height) return false;
  const [left, right] = [x + Math.round(0.04 * width), x + Math.round(0.96 * width) - 1];
  const [top, bottom] = [y + Math.round(0.04 * height), y + Math.round(0.96 * height) - 1];
  const corners = [
    top * lineWidth + left,
    top * lineWidth + right,
    bottom * lineWidth + left,
    bottom * lineWidth + right,
  ];
  return corners.filter(isOwn).length <= 2;
}

/**
 * Areas are filled from their first pixel within a fixed range, so that a soft edge can't lead from one into the next. Linear in the
 * number of pixels.
 */
function findAreas(grey: Uint8Array, width: number, height: number): Areas {
  const size = width * height;
  const of = new Int32Array(size).fill(-1);
  let areas = 0;
  const ground = new Uint8Array(size);
  const level = new Uint8Array(size);
  const grounds: Box[] = [];
  const tallOnes: Box[] = [];
  const stack = new Int32Array(size);
  for (let seed = 0; seed < size; seed++) {
    if (of[seed] !== -1) continue;
    const number = areas++;
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
    const box = { x: left, y: top, width: wide, height: tall };
    const isLetter =
      isGround &&
      filled < 0.75 &&
      tall >= 50 &&
      tall < largeLetters[4] &&
      lacksCorners(box, (at) => of[at] === number, width);
    ground[number] = isGround && !isLetter ? 1 : 0;
    level[number] = Math.round(sum / count);
    if (ground[number] === 1) grounds.push(box);
    else if (tall >= largeLetters[0]) tallOnes.push(box);
  }
  return { of, ground, level, grounds, tall: tallOnes };
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
  return { pixels, large: largeInk(pixels, areas, width, height), areas: panelsOf(areas) };
}

/** Grounds that text stands on. */
function panelsOf({ grounds }: Areas): Box[] {
  return grounds
    .filter(({ width, height }) => width >= 60 && height >= 24)
    .toSorted((a, b) => b.width * b.height - a.width * a.height)
    .slice(0, mostAreas);
}

/** Tall areas with what belongs to them: soft edges, the dots and commas between. */
function largeInk(ink: Buffer, areas: Areas, width: number, height: number): Ink["large"] {
  const found: Ink["large"] = [];
  for (const [at, low] of largeLetters.slice(0, -1).entries()) {
    const high = largeLetters[at + 1] ?? Infinity;
    const tall = areas.tall.filter((box) => box.height >= low && box.height < high && box.width < 3 * box.height);
    if (tall.length === 0 || tall.length > 400) continue;
    const pixels = Buffer.alloc(ink.length, 255);
    for (const box of tall) {
      const beside = Math.round(0.7 * box.height);
      const [left, right] = [Math.max(0, box.x - beside), Math.min(width, box.x + box.width + beside)];
      const [top, bottom] = [Math.max(0, box.y - 4), Math.min(height, box.y + Math.round(1.25 * box.height))];
      for (let y = top; y < bottom; y++) ink.copy(pixels, y * width + left, y * width + left, y * width + right);
    }
    const heights = tall.map((box) => box.height).toSorted((a, b) => a - b);
    found.push({ pixels, letterHeight: heights[heights.length >> 1] ?? low });
  }
  return found;
}
