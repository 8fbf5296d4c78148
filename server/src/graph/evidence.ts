// Evidence as stored: most of it is `path:line` in the file that the scope is named after, so that path is left out.
const sameFile = "\u0001";

const fileOf = (scope: string): string | null => (scope.startsWith("file:") ? `${scope.slice(5)}:` : null);

export function encodeEvidence(evidence: readonly string[] | undefined, scope: string): string | null {
  if (evidence === undefined || evidence.length === 0) return null;
  const file = fileOf(scope);
  const short = evidence.map((place) => {
    if (file !== null && place.startsWith(file)) return sameFile + place.slice(file.length);
    return place.startsWith(sameFile) ? sameFile + place : place;
  });
  const isPlain = short.every((place) => place !== "" && !place.includes("\n")) && !short[0]!.startsWith("[");
  return isPlain ? short.join("\n") : JSON.stringify(short);
}

export function decodeEvidence(stored: string | null, scope: string): string[] {
  if (stored === null) return [];
  const short = stored.startsWith("[") ? (JSON.parse(stored) as string[]) : stored.split("\n");
  const file = fileOf(scope) ?? "";
  return short.map((place) => {
    if (!place.startsWith(sameFile)) return place;
    const rest = place.slice(1);
    return rest.startsWith(sameFile) ? rest : file + rest;
  });
}
