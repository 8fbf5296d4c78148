// What an import path says: the name its package most likely has, and whether it is of the standard library.

/**
 * The name under which an import without an alias is referred to. Certain where the path's last element is a plain word, which Go's
 * conventions make the package's name. Where the element must be cut (`/v2`, `.v1`, `go-foo`, `foo-go`, `foo.go`) the first of the likely
 * names is taken that the file uses as a qualifier (`uses`), for lack of the package clause itself.
 */
export function guessPackageName(
  path: string,
  uses: (name: string) => boolean = () => true,
): { name: string; certain: boolean } {
  const parts = path.split("/");
  const last = parts.at(-1) ?? path;
  const before = parts.at(-2);
  // Major versions begin with 2; `v1` is a package's name.
  const isMajor = /^v([2-9]|\d\d+)$/.test(last) && before !== undefined;
  if (/^\w+$/.test(last) && last !== "go") {
    if (!isMajor) return { name: last, certain: true };
    if (isStandardLibrary(path)) return { name: before, certain: true };
  }
  const element = isMajor || last === "go" ? (before ?? last) : last;
  const likely = [...namesOf(element), ...(isMajor ? [last] : []), ...parts.toReversed().flatMap(namesOf)];
  const name = likely.find(uses) ?? likely[0] ?? element.replace(/\W/g, "_");
  return { name, certain: false };
}

/** Package names that a path element may stand for, the likeliest first. */
function namesOf(element: string): string[] {
  const base = element.replace(/\.v\d+$/, "");
  const bare = base.replace(/^(go|golang)[-.]/, "").replace(/[-.](go|golang)$/, "");
  const words = bare.split(/[-.]/);
  return [bare, words.at(-1), words[0], words.join(""), words.join("_"), base.replace(/\W/g, "")]
    .filter((name) => name !== undefined)
    .filter((name) => /^[A-Za-z_]\w*$/.test(name));
}

/** Import paths whose first element has no dot belong to Go itself (a module of one's own excepted, which is asked for first). */
export const isStandardLibrary = (path: string): boolean => !(path.split("/", 1)[0] ?? "").includes(".");
