// `import` and `from … import`: entries of the file's imports, and the names they bind.
import type { ImportIr } from "../../ir.ts";
import type { ImportStatement } from "./ast.ts";
import { bind, type Lowering } from "./lowering.ts";

export function lowerImport(s: Lowering, statement: ImportStatement): void {
  const { from } = statement;
  for (const { name, as, line } of statement.names) {
    const entry = from === null ? plainImport(name, as, line) : memberImport(from, name, as, line);
    if (s.typesOnly) entry.type = true;
    const index = s.ir.imports.push(entry) - 1;
    if (entry.kind === "star") s.hasStarImport = true;
    if (entry.alias === null) continue;
    const target = s.frame.elsewhere?.get(entry.alias) ?? s.frame;
    target.imported.add(entry.alias);
    bind(s, entry.alias, ["m", index], statement.end);
  }
}

function plainImport(name: string, as: string | null, l: number): ImportIr {
  const dot = name.lastIndexOf(".");
  if (as !== null && dot > 0 && as === name.slice(0, name.indexOf("."))) {
    // `import a.b as a` binds the submodule; written like `import a.b`, it would bind `a`.
    return { specifier: name.slice(0, dot), kind: "member", name: name.slice(dot + 1), alias: as, l };
  }
  return { specifier: name, kind: "module", name: null, alias: as ?? name.split(".", 1)[0] ?? name, l };
}

function memberImport(specifier: string, name: string, as: string | null, l: number): ImportIr {
  if (name === "*") return { specifier, kind: "star", name: null, alias: null, l };
  return { specifier, kind: "member", name, alias: as ?? name, l };
}
