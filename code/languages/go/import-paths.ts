// What an import path says: the name its package most likely has, and whether it is of the standard library.

/**
 * The name under which an import without an alias is referred to. Certain where the path's last element is a plain word, which Go's
 * conventions make the package's name; a guess where the element must be cut (`/v2`, `.v1`, `go-foo`, `foo-go`, `foo.go`).
 */
export function guessPackageName(path: string): { name: string; certain: boolean } {
  const parts = path.split("/");
  let last = parts.at(-1) ?? path;
  let certain = true;
  if (/^v\d+$/.test(last) && parts.length > 1) {
    last = parts.at(-2) ?? last;
    certain = isStandardLibrary(path);
  }
  const versioned = /^(.*)\.v\d+$/.exec(last);
  if (versioned !== null) {
    last = versioned[1] ?? last;
    certain = false;
  }
  if (/^\w+$/.test(last)) return { name: last, certain };
  const stripped = last
    .replace(/^go[-.]/, "")
    .replace(/[-.]go$/, "")
    .replace(/^golang[-.]/, "");
  const name = /^\w+$/.test(stripped) ? stripped : (stripped.split(/[-.]/).at(-1) ?? stripped);
  return { name: name.replace(/\W/g, "_") || "_", certain: false };
}

/** Import paths whose first element has no dot belong to Go itself (a module of one's own excepted, which is asked for first). */
export const isStandardLibrary = (path: string): boolean => !(path.split("/", 1)[0] ?? "").includes(".");
