// The language-neutral form of one source file: what a language's lowering produces and the resolver evaluates.
//
// It keeps what decides where function values flow (definitions, scopes, assignments, calls, returns, imports) and
// drops the rest (arithmetic, control flow, literals nobody looks up). It is plain data: workers send it and the store keeps it
// (ir-codec.ts writes each of its parts), and nothing in it depends on any other file.
import type { SourceRange } from "@opentrace/contract/graph.ts";

/** A declared thing that becomes a node. Order: as in the source, parents first. */
export interface SymbolIr {
  kind: "Module" | "Class" | "Interface" | "Function" | "Method" | "Variable";
  /** Last part of the name; anonymous functions are `<lambda1>` (Python) or `<anonymous1>`, numbered within their parent. */
  name: string;
  /** Dotted path in the file (`PayService.charge`), unique in it: a second definition of the same path gets `~2`. */
  path: string;
  /** Index of the enclosing symbol, -1 = the file itself. */
  parent: number;
  range: SourceRange;
  /** The head of the declaration on one line, at most 300 characters. */
  signature?: string;
  /** Doc comment or docstring without its markers, at most 2,000 characters. */
  doc?: string;
  visibility: "public" | "protected" | "private";
  /** Reachable from other files by import (JS `export`, Go capital letter, Python module level). */
  exported: boolean;
  /** async, generator, static, abstract, getter, setter, constructor, const, readonly, anonymous, type, enum, struct … */
  flags?: string[];
}

/**
 * A value, symbolically. Tuples, first element is the kind:
 * - `["n", name]` lexical name; `["this"]`; `["super"]`
 * - `["a", object, name]` attribute; `["i", object, key]` element (`["?"]` when the key is not constant)
 * - `["e", iterable]` an element got by iterating; `["w", value]` an awaited value; `["*", value]` a spread in args or lists
 * - `["c", call]` result of `calls[call]`; `["d", call, value]` decorated: the call's result, or `value` when nothing is known of it
 * - `["f", scope]` function; `["k", scope]` class (both index `scopes`)
 * - `["o", entries]` object / dict literal, a null key is a spread (`[null, ["*", value]]`) or a computed key; `["l", items]` list, tuple, set, array
 * - `["s", text]` string constant (≤ 120 chars); `["#", n]` integer constant
 * - `["+", parts]` texts put together; `["t", call]` what the functions that `calls[call]` runs may throw
 * - `["u", options]` any of (conditional, or / and, ??)
 * - `["m", import]` what `imports[import]` brings in
 * - `["I", type]` an instance of a declared type; `["g", type, args]` a generic type applied (`List[Foo]`, `Promise<Foo>`, Go `[]Foo`
 *   = `["g",["n","[]"],[Foo]]`, `map[K]V` = `["g",["n","map"],[K,V]]`, pointers are dropped, function types are `["g",["n","func"],[result]]`,
 *   TypeScript's `typeof x` is `["g",["n","typeof"],[x]]`: the value itself, not an instance of it)
 * - `["?"]` anything else
 */
export type Expr =
  | readonly ["n", string]
  | readonly ["this"]
  | readonly ["super"]
  | readonly ["a", Expr, string]
  | readonly ["i", Expr, Expr]
  | readonly ["e", Expr]
  | readonly ["w", Expr]
  | readonly ["*", Expr]
  | readonly ["c", number]
  | readonly ["d", number, Expr]
  | readonly ["f", number]
  | readonly ["k", number]
  | readonly ["o", readonly (readonly [string | null, Expr])[]]
  | readonly ["l", readonly Expr[]]
  | readonly ["s", string]
  | readonly ["#", number]
  | readonly ["+", readonly Expr[]]
  | readonly ["t", number]
  | readonly ["u", readonly Expr[]]
  | readonly ["m", number]
  | readonly ["I", Expr]
  | readonly ["g", Expr, readonly Expr[]]
  | readonly ["?"];

/** `name = value` in its scope (also `def`, `class`, `import`, loop variables, `with … as`, `except … as`). */
export interface BindingIr {
  n: string;
  v: Expr;
  /** Offset in the source where the assignment has happened (end of the statement). Orders it against calls. */
  at: number;
  /** Region of the scope (see ScopeIr.regions), 0 = straight line. */
  r: number;
  /** Declared type, if any. */
  t?: Expr;
  /** Scope in which `v` is to be read, where it is another one than the binding's (Python `global` / `nonlocal`). */
  s?: number;
}

/** `object.key = value` or `object[key] = value`; key null when it is not constant. */
export interface StoreIr {
  o: Expr;
  k: string | null;
  v: Expr;
  at: number;
  r: number;
  l: number;
}

export interface ParamIr {
  n: string;
  /** positional (may also be passed by name), keyword-only, `*rest`, `**named rest`, or a destructured object / array (JS). */
  kind: "positional" | "keyword" | "rest" | "named-rest" | "pattern";
  /** Default value. */
  v?: Expr;
  /** Declared type. */
  t?: Expr;
}

/**
 * module: the file's top level (always `scopes[0]`). class: its bindings are the members; they are not visible by plain name from
 * functions inside. block: a lexical block that declares names of its own (JS let/const); its calls belong to the function around it, and
 * every `r` in it counts the regions of that function (module, class). An assignment is listed in the scope that declares the name; one
 * made from inside another function stands in a region of group -2. A binding named `this` says what `this`
 * is in a function that is no class member (`Foo.prototype.bar = function`, members of an object literal, TypeScript's `this` parameter).
 * Bindings named `{thrown}` are what a function throws; `{tried}` is a stretch, from `at` to its number, whose errors it catches itself.
 */
export interface ScopeIr {
  kind: "module" | "function" | "class" | "block";
  /** Enclosing scope, -1 for the module. */
  parent: number;
  /** The symbol that calls in this scope are attributed to; -1 = the file. */
  symbol: number;
  bindings: BindingIr[];
  stores?: StoreIr[];
  /** [parent region, group]: conditional or repeated stretches. Regions of the same group > 0 exclude each other (if / else);
   *  group -1 is a loop body (runs again, so later assignments reach earlier uses); -2 holds what
   *  functions inside assign, which may happen at any time, before or after. `regions[0]` is the straight line: [-1, 0]. */
  regions?: [number, number][];

  // functions only
  params?: ParamIr[];
  returns?: Expr[];
  yields?: Expr[];
  returnType?: Expr;
  /** How the first parameter or `this` is bound: method of an instance, of the class, static; arrow = `this` of the scope around. */
  bound?: "instance" | "class" | "static" | "getter" | "setter" | "arrow";
  async?: true;

  // classes only (Interface symbols too; Go structs embed by `bases`)
  bases?: Expr[];
  implements?: Expr[];
  /** Declared types of members (fields, Go struct fields and interface methods are bindings with `t`). */
  metaclass?: Expr;
  /** Go `type Names []Name`: what the defined type is made of; its elements, results and fields are found through it, not its methods. */
  underlying?: Expr;

  /** Type parameters of a generic function or class, in order, with their bounds. */
  typeParams?: { n: string; t?: Expr }[];
}

export interface CallIr {
  /** Scope it stands in. */
  s: number;
  /** Callee. */
  f: Expr;
  a: Expr[];
  /** Named arguments; a null name is `**spread`. */
  k?: [string | null, Expr][];
  /** Line (1-based). */
  l: number;
  at: number;
  r: number;
  /** Constructs (`new X()`). Python needs no flag: calling a class constructs. */
  new?: true;
  /** Not written as a call (decorator, `with`, iteration, getter, tagged template): never reported as unresolved. */
  implicit?: true;
}

/** One imported name. `import a, {b as c} from "x"` is two; `import "x"` is one with kind side-effect. */
export interface ImportIr {
  /** As written, without quotes; Python relative imports keep their dots (`..pkg.mod`). */
  specifier: string;
  kind: "module" | "member" | "star" | "side-effect" | "dynamic";
  /** Imported member (`default`, `foo`); for kind module (namespace) null. */
  name: string | null;
  /** Local name, null when it binds none. */
  alias: string | null;
  /** Types only: no code runs. */
  type?: true;
  l: number;
}

/** JS / TS exports. name `*` re-exports all of an import; `=` is the whole module (`module.exports = …`, `export =`). */
export interface ExportIr {
  name: string;
  v: Expr;
  at: number;
}

/** A name or attribute chain read without being called, where it may mean something declared at module or class level. */
export interface RefIr {
  s: number;
  e: Expr;
  l: number;
}

export interface FileIr {
  /** Folder name of the language under code/languages. */
  language: string;
  /** Go: package clause. Python: empty, the resolver derives it from the path. */
  package?: string;
  /** Module doc comment, at most 2,000 characters. */
  doc?: string;
  lines: number;
  symbols: SymbolIr[];
  scopes: ScopeIr[];
  calls: CallIr[];
  refs: RefIr[];
  imports: ImportIr[];
  exports?: ExportIr[];
  /** Places the parser could not read and passed over: [line, what]. The rest of the file stands. */
  problems?: [number, string][];
  /** What the language alone understands and its own hooks read again (e.g. Go build constraints). */
  extra?: Record<string, unknown>;
}
