// Moving the selection on the canvas by arrow keys.
export interface Point {
  id: string;
  x: number;
  y: number;
}

/** The closest point in a direction (within 60° of it, nearer the axis preferred); the first point when none is selected. */
export function nearestTowards(
  points: readonly Point[],
  from: string | null,
  [dx, dy]: readonly [number, number],
): string | null {
  const start = points.find((point) => point.id === from);
  if (!start) return points[0]?.id ?? null;
  let best: string | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const point of points) {
    if (point.id === start.id) continue;
    const x = point.x - start.x;
    const y = point.y - start.y;
    const along = x * dx + y * dy;
    const distance = Math.hypot(x, y);
    if (distance === 0 || along / distance < 0.5) continue;
    const cost = distance + 2 * Math.sqrt(Math.max(0, distance * distance - along * along));
    if (cost < bestCost) {
      bestCost = cost;
      best = point.id;
    }
  }
  return best;
}
