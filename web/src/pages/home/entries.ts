/** The counts of an object, most first; names that are not there are left out. */
export function entriesOf<T extends string>(counts: Partial<Record<T, number>>): [T, number][] {
  const entries: [T, number][] = [];
  for (const name in counts) {
    const amount = counts[name];
    if (amount !== undefined && amount > 0) entries.push([name, amount]);
  }
  return entries.sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
