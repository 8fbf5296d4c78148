// Who owns which files, as OWNS edges. Owners that a whole folder shares are told of the folder, not of each file in it.
import type { EdgeFact } from "@opentrace/contract/facts.ts";
import { directoryKey, fileKey, repositoryKey } from "@opentrace/contract/keys.ts";

export interface OwnerRule {
  /** Keys of persons and teams. */
  owners: readonly string[];
  /** In the CODEOWNERS file. */
  line: number;
}

const MOST_EDGES = 5_000;

interface Folder {
  path: string;
  folders: Map<string, Folder>;
  files: { path: string; rules: readonly OwnerRule[] }[];
}

type Shared = readonly OwnerRule[] | "mixed";

/** `rulesOf` gives those that decide about a file: one, none, or (with sections) several. `file` is where they stand. */
export function ownerEdges(
  { repo, file, paths }: { repo: string; file: string; paths: readonly string[] },
  rulesOf: (path: string) => readonly OwnerRule[],
): EdgeFact[] {
  const root: Folder = { path: "", folders: new Map(), files: [] };
  for (const path of paths) {
    let folder = root;
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
      const name = path.slice(0, end);
      let inner = folder.folders.get(name);
      if (!inner) folder.folders.set(name, (inner = { path: name, folders: new Map(), files: [] }));
      folder = inner;
    }
    folder.files.push({ path, rules: rulesOf(path) });
  }

  const edges = new Map<string, EdgeFact>();
  function own(to: string, rules: readonly OwnerRule[]): void {
    for (const { owners, line } of rules)
      for (const from of owners) {
        if (edges.size >= MOST_EDGES) return;
        const known = edges.get(`${from} ${to}`);
        const place = `${file}:${line}`;
        if (known === undefined) edges.set(`${from} ${to}`, { from, to, type: "OWNS", evidence: [place] });
        else if (known.evidence?.includes(place) !== true)
          known.evidence = [...(known.evidence ?? []), place].slice(0, 20);
      }
  }

  /** The rules of all that a folder holds, or "mixed"; what is inside a mixed folder has been told. */
  function sharedRules(folder: Folder): Shared {
    const inside: { key: string; rules: Shared }[] = [
      ...[...folder.folders.values()].map((inner) => ({
        key: directoryKey(repo, inner.path),
        rules: sharedRules(inner),
      })),
      ...folder.files.map(({ path, rules }) => ({ key: fileKey(repo, path), rules })),
    ];
    const first = inside[0]?.rules ?? [];
    if (first !== "mixed" && inside.every(({ rules }) => isSame(rules, first))) return first;
    for (const { key, rules } of inside) if (rules !== "mixed") own(key, rules);
    return "mixed";
  }

  const shared = sharedRules(root);
  if (shared !== "mixed") own(repositoryKey(repo), shared);
  return [...edges.values()];
}

const isSame = (a: Shared, b: readonly OwnerRule[]): boolean =>
  a !== "mixed" && a.length === b.length && a.every((rule, index) => rule === b[index]);
