// What a file's facts rest on outside of itself, and what of a file changed in the eyes of others.
//
// A consult is (path, name): a top-level name that was looked up in another file, found or not. Pseudo-names: `export:x` an entry of
// the export table, `import:spec\0member` where one of that file's imports leads, `*` its star imports and exports, "" that it exists,
// and for files that share a namespace the path is `folder/`.
import { createHash } from "node:crypto";
import type { ImportTarget } from "../languages/language.ts";
import type { BindingIr, Expr } from "../ir.ts";
import { rootName } from "./expressions.ts";
import type { FileModel } from "./file-model.ts";

export class Consults {
  readonly #names = new Map<string, Set<string>>();
  readonly #own: string;

  constructor(own: string) {
    this.#own = own;
  }

  add(path: string, name: string): void {
    if (path === this.#own) return;
    const names = this.#names.get(path);
    if (names === undefined) this.#names.set(path, new Set([name]));
    else names.add(name);
  }

  toRecord(): Record<string, string[]> {
    const record: Record<string, string[]> = {};
    for (const path of [...this.#names.keys()].sort()) record[path] = [...this.#names.get(path)!].sort();
    return record;
  }
}

/** One text for one target, so that two resolutions of the same import can be compared. */
export function targetText(target: ImportTarget & { wholeModule?: boolean }): string {
  switch (target.is) {
    case "file":
      return `file ${target.path}${target.wholeModule === true ? " whole" : ""}`;
    case "unit":
      return `unit ${target.folder} ${target.files.join("|")}`;
    case "external":
      return `external ${target.package.ecosystem}/${target.package.name}`;
    case "unresolved":
      return "unresolved";
  }
}

/** Names whose meaning differs between two versions of a file, as consults spell them. */
export function changedNames(before: FileModel | null, after: FileModel | null): Set<string> {
  const old = before === null ? new Map<string, string>() : nameHashes(before);
  const now = after === null ? new Map<string, string>() : nameHashes(after);
  const changed = new Set<string>();
  for (const [name, hash] of now) if (old.get(name) !== hash) changed.add(name);
  for (const name of old.keys()) if (!now.has(name)) changed.add(name);
  if ((before === null) !== (after === null)) changed.add("");
  return changed;
}

/**
 * A hash for each top-level name over everything that a resolution elsewhere can read through it: its bindings with all scopes and
 * calls inside, stores to it, module-level calls that mention it. Lines and absolute offsets are left out.
 */
function nameHashes(model: FileModel): Map<string, string> {
  const { ir } = model;
  const parts = new Map<string, string[]>();
  const put = (name: string, text: string): void => {
    const list = parts.get(name);
    if (list === undefined) parts.set(name, [text]);
    else list.push(text);
  };
  // What a file is built with decides who calls into it.
  const built = ir.extra?.["build"];
  const header = `${ir.language}|${ir.package ?? ""}${built === undefined ? "" : `|${JSON.stringify(built)}`}`;
  put("package", header);

  const members = ir.symbols.map(() => [] as string[]);
  for (const symbol of ir.symbols) {
    if (symbol.parent >= 0) members[symbol.parent]?.push(`${symbol.kind} ${symbol.path}`);
    else put(symbol.name, `symbol ${symbol.kind} ${symbol.path} ${symbol.exported}`);
  }
  for (const scope of ir.scopes) {
    if (scope.symbol < 0) continue;
    const symbol = ir.symbols[scope.symbol];
    if (symbol !== undefined) members[scope.symbol]?.push(`self ${symbol.kind}`);
  }

  const write = new Writer(model, members);
  for (const [name, bindings] of model.bindingsOf(0)) {
    bindings.forEach((binding) => {
      const region = bindings.length > 1 ? regionChain(model, binding) : "";
      put(name, `= ${region} ${write.at(binding.at, binding.v)} : ${write.at(binding.at, binding.t)}`);
    });
  }
  for (const store of model.storesOf(0)) {
    // What is put on a function that the module exports as a whole has no name to start from.
    const name = rootName(store.o) ?? (store.o[0] === "f" || store.o[0] === "k" ? "export:=" : null);
    if (name !== null) {
      put(name, `store ${write.at(store.at, store.o)} ${store.k} ${write.at(store.at, store.v)} ${store.r}`);
    }
  }
  for (const index of model.callsOf(0)) {
    const call = model.call(index);
    const mentioned = new Set<string>();
    for (const expr of [call.f, ...call.a, ...(call.k ?? []).map(([, value]) => value)]) {
      const name = rootName(expr);
      if (name !== null) mentioned.add(name);
    }
    if (mentioned.size === 0) continue;
    const text = `call ${write.at(call.at, ["c", index])} ${call.r}`;
    for (const name of mentioned) put(name, text);
  }
  for (const entry of ir.exports ?? []) put(`export:${entry.name}`, write.at(entry.at, entry.v));
  // Methods that stand in another file than their type.
  const partial = (ir.extra?.["partialTypes"] ?? {}) as Record<string, number>;
  for (const [name, scope] of Object.entries(partial)) put(`partial:${name}`, write.at(0, ["k", scope]));
  const stars = ir.imports.filter((one) => one.kind === "star");
  put("*", stars.map((one) => `${one.specifier} ${one.alias ?? ""}`).join("|"));

  const hashes = new Map<string, string>();
  for (const [name, list] of parts) {
    hashes.set(
      name,
      createHash("sha1")
        .update(`${header}\n${list.join("\n")}`)
        .digest("base64"),
    );
  }
  return hashes;
}

function regionChain(model: FileModel, binding: BindingIr): string {
  const regions = model.scope(0).regions;
  let at = binding.r;
  let chain = "";
  while (at > 0 && chain.length < 400) {
    const region = regions?.[at];
    if (region === undefined) break;
    chain += `${at}.${region[1]},`;
    at = region[0];
  }
  return chain;
}

/** Spells expressions with what they point to inline, so that indexes and positions do not show. */
class Writer {
  readonly #model: FileModel;
  readonly #members: readonly string[][];
  readonly #scopes = new Map<number, string>();
  readonly #open = new Set<string>();
  #at = 0;

  constructor(model: FileModel, members: readonly string[][]) {
    this.#model = model;
    this.#members = members;
  }

  /** `at`: position of the top-level statement, which decides what bindings of a rebound name mean. */
  at(at: number, expr: Expr | undefined): string {
    if (this.#at !== at) {
      this.#at = at;
      this.#scopes.clear();
    }
    return this.#expr(expr);
  }

  #expr(expr: Expr | undefined): string {
    if (expr === undefined) return "-";
    switch (expr[0]) {
      case "n": {
        const bindings = this.#model.bindings(0, expr[1]);
        if (bindings === undefined || bindings.length < 2) return `n:${expr[1]}`;
        return `n:${expr[1]}/${bindings.filter((binding) => binding.at < this.#at).length}`;
      }
      case "a":
        return `(${this.#expr(expr[1])}).${expr[2]}`;
      case "i":
        return `(${this.#expr(expr[1])})[${this.#expr(expr[2])}]`;
      case "e":
      case "w":
      case "*":
      case "I":
        return `${expr[0]}(${this.#expr(expr[1])})`;
      case "c":
        return this.#call(expr[1]);
      case "t":
        return `t${this.#call(expr[1])}`;
      case "d":
        return `d(${this.#call(expr[1])},${this.#expr(expr[2])})`;
      case "f":
      case "k":
        return `${expr[0]}${this.#scope(expr[1])}`;
      case "o":
        return `{${expr[1].map(([key, value]) => `${JSON.stringify(key)}:${this.#expr(value)}`).join()}}`;
      case "l":
      case "u":
      case "+":
        return `${expr[0]}[${expr[1].map((item) => this.#expr(item)).join()}]`;
      case "s":
        return JSON.stringify(expr[1]);
      case "#":
        return `#${expr[1]}`;
      case "m": {
        const one = this.#model.ir.imports[expr[1]];
        return `m(${one?.specifier} ${one?.kind} ${one?.name} ${one?.type ?? ""})`;
      }
      case "g":
        return `g(${this.#expr(expr[1])},${expr[2].map((item) => this.#expr(item)).join()})`;
      case "this":
      case "super":
      case "?":
        return expr[0];
    }
  }

  #call(index: number): string {
    const key = `c${index}`;
    const call = this.#model.ir.calls[index];
    if (call === undefined || this.#open.has(key)) return key;
    this.#open.add(key);
    const named = (call.k ?? []).map(([name, value]) => `${name}=${this.#expr(value)}`);
    const text = `c(${this.#expr(call.f)}(${call.a.map((arg) => this.#expr(arg)).join()};${named.join()})${call.new ?? ""}${call.implicit ?? ""})`;
    this.#open.delete(key);
    return text;
  }

  #scope(index: number): string {
    const known = this.#scopes.get(index);
    if (known !== undefined) return known;
    const scope = this.#model.ir.scopes[index];
    const key = `s${index}`;
    if (scope === undefined || this.#open.has(key)) return key;
    this.#open.add(key);
    const calls = this.#model.callsOf(index).map((call) => this.#model.call(call));
    const starts = [...scope.bindings, ...(scope.stores ?? []), ...calls].map((item) => item.at);
    const base = starts.reduce((least, at) => Math.min(least, at), Number.MAX_SAFE_INTEGER);
    const symbol = scope.symbol >= 0 ? this.#model.ir.symbols[scope.symbol] : undefined;
    const lines: string[] = [
      `${scope.kind} ${symbol?.kind} ${symbol?.path} ${symbol?.flags?.join() ?? ""} ${scope.bound} ${scope.async}`,
      scope.symbol >= 0 ? (this.#members[scope.symbol] ?? []).join() : "",
      JSON.stringify(scope.regions ?? []),
      (scope.params ?? []).map((p) => `${p.n} ${p.kind} ${this.#expr(p.v)} ${this.#expr(p.t)}`).join(),
      this.#list(scope.returns),
      this.#list(scope.yields),
      this.#expr(scope.returnType),
      this.#list(scope.bases),
      this.#list(scope.implements),
      this.#expr(scope.metaclass),
      ...scope.bindings.map((b) => `${b.n} ${b.at - base} ${b.r} ${this.#expr(b.v)} ${this.#expr(b.t)}`),
      ...(scope.stores ?? []).map((s) => `${this.#expr(s.o)} ${s.k} ${s.at - base} ${s.r} ${this.#expr(s.v)}`),
      ...calls.map((c, i) => `${c.at - base} ${c.r} ${this.#call(this.#model.callsOf(index)[i]!)}`),
      ...this.#model.childrenOf(index).map((child) => this.#scope(child)),
    ];
    this.#open.delete(key);
    const text = createHash("sha1").update(lines.join("\n")).digest("base64");
    this.#scopes.set(index, text);
    return text;
  }

  #list(exprs: readonly Expr[] | undefined): string {
    return exprs === undefined ? "-" : exprs.map((expr) => this.#expr(expr)).join();
  }
}
