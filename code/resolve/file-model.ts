// One file's IR with the indexes that evaluation needs: bindings by name, calls and stores by scope. A pure function of the IR.
import type { BindingIr, CallIr, Expr, FileIr, ScopeIr, StoreIr } from "../ir.ts";

export class FileModel {
  readonly path: string;
  readonly ir: FileIr;
  #bindings: (Map<string, BindingIr[]> | undefined)[];
  #calls: number[][] | undefined;
  #children: number[][] | undefined;

  constructor(path: string, ir: FileIr) {
    this.path = path;
    this.ir = ir;
    this.#bindings = Array.from({ length: ir.scopes.length });
  }

  scope(index: number): ScopeIr {
    return this.ir.scopes[index]!;
  }

  call(index: number): CallIr {
    return this.ir.calls[index]!;
  }

  /** Bindings of a name in a scope, in source order. */
  bindings(scope: number, name: string): readonly BindingIr[] | undefined {
    return this.bindingsOf(scope).get(name);
  }

  bindingsOf(scope: number): ReadonlyMap<string, BindingIr[]> {
    let map = this.#bindings[scope];
    if (map === undefined) {
      map = new Map();
      for (const binding of this.scope(scope).bindings) {
        const list = map.get(binding.n);
        if (list === undefined) map.set(binding.n, [binding]);
        else list.push(binding);
      }
      for (const list of map.values()) if (list.length > 1) list.sort((a, b) => a.at - b.at);
      this.#bindings[scope] = map;
    }
    return map;
  }

  /** Indexes of the calls that stand in a scope itself. */
  callsOf(scope: number): readonly number[] {
    if (this.#calls === undefined) {
      this.#calls = this.ir.scopes.map(() => []);
      this.ir.calls.forEach((call, index) => this.#calls![call.s]?.push(index));
    }
    return this.#calls[scope] ?? [];
  }

  childrenOf(scope: number): readonly number[] {
    if (this.#children === undefined) {
      this.#children = this.ir.scopes.map(() => []);
      this.ir.scopes.forEach((child, index) => {
        if (child.parent >= 0) this.#children![child.parent]?.push(index);
      });
    }
    return this.#children[scope] ?? [];
  }

  storesOf(scope: number): readonly StoreIr[] {
    return this.scope(scope).stores ?? [];
  }
}

/** The lexical name an expression starts from (`a` in `a.b[0].c`), null when it starts otherwise. */
export function rootName(expr: Expr): string | null {
  let at: Expr = expr;
  for (;;) {
    switch (at[0]) {
      case "n":
        return at[1];
      case "a":
      case "i":
      case "e":
      case "w":
      case "*":
        at = at[1];
        continue;
      default:
        return null;
    }
  }
}
