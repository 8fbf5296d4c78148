// What a function's body says of its parameters and its receiver: what it calls, hands on, gives back and fills.
import type { Expr } from "../ir.ts";
import { mutators, rootName, walk } from "./expressions.ts";
import type { FileModel } from "./file-model.ts";

/** What a function's body (with all that is nested in it) says, as far as it depends on how it is called. */
export interface Mentions {
  /** Any parameter besides the receiver makes a difference. */
  readonly heeds: boolean;
  /** What the body does with each parameter, in their order; null: nothing that makes a difference. */
  readonly roles: readonly (Role | null)[];
  /** Names that callees start from, directly or through local names, and those that are stored. */
  readonly called: ReadonlySet<string>;
  /** Names that are handed on as arguments. */
  readonly passed: ReadonlySet<string>;
  readonly returned: ReadonlySet<string>;
  /** Names of objects that something is put into. */
  readonly filled: ReadonlySet<string>;
  /** Names used as keys: `table[name]`, `getattr(x, name)`. */
  readonly keys: ReadonlySet<string>;
  /** Members of the receiver (`this.x`, `self.x`). */
  readonly members: ReadonlySet<string>;
  /** The receiver itself goes somewhere: passed, returned, stored. */
  readonly receiver: boolean;
  readonly receiverReturned: boolean;
  /** Something is put into its fields. */
  readonly receiverFilled: boolean;
  readonly super: boolean;
}

/** What a function does with one of its parameters. */
export interface Role {
  /** Called, given back or filled. */
  readonly used: boolean;
  readonly passed: boolean;
  readonly filled: boolean;
  readonly key: boolean;
}

/** `x` of `type(x)()` and `x.__class__()`: what is made depends on it. */
function classRead(file: FileModel, callee: Expr): Expr {
  if (callee[0] === "a" && callee[2] === "__class__") return callee[1];
  const inner = callee[0] === "c" ? file.call(callee[1]) : null;
  return inner?.f[0] === "n" && inner.f[1] === "type" && inner.a[0] !== undefined ? inner.a[0] : ["?"];
}

export function collectMentions(file: FileModel, scope: number, first: boolean): Mentions {
  const called = new Set<string>();
  const passed = new Set<string>();
  const returned = new Set<string>();
  const filled = new Set<string>();
  const keys = new Set<string>();
  const members = new Set<string>();
  const flags = { receiver: false, returned: false, super: false, filled: false };
  const ir = file.scope(scope);
  const isMethod = ir.parent >= 0 && file.scope(ir.parent).kind === "class" && ir.bound !== "static";
  const self = isMethod && first ? file.receiverName(scope) : undefined;
  const isSelf = (expr: Expr): boolean => expr[0] === "this" || (expr[0] === "n" && expr[1] === self);
  const aliases: [string, Expr][] = [];
  const read = (expr: Expr, into: Set<string> | null, isArgument = false): void => {
    walk(expr, (part) => {
      if (part[0] === "a" && isSelf(part[1])) {
        members.add(part[2]);
        return false;
      }
      // Data of an argument's own that is handed on says little of what is called.
      if (isArgument && part[0] === "a" && part[1][0] === "n") return false;
      if (part[0] === "i" && part[2][0] === "n") keys.add(part[2][1]);
      if (part[0] === "+") for (const one of part[1]) if (one[0] === "n") keys.add(one[1]);
      if (part[0] === "n") into?.add(part[1]);
      if (isSelf(part)) flags.receiver = true;
      if (part[0] === "super" || (part[0] === "n" && part[1] === "super")) flags.super = true;
      return true;
    });
  };
  const visit = (at: number): void => {
    const ir = file.scope(at);
    for (const binding of ir.bindings) {
      read(binding.v, null);
      if (binding.v[0] !== "f" && binding.v[0] !== "k" && binding.v[0] !== "?") aliases.push([binding.n, binding.v]);
    }
    for (const store of ir.stores ?? []) {
      read(store.o, null);
      read(store.v, called);
      const root = rootName(store.o);
      if (root !== null) filled.add(root);
      if (isSelf(store.o)) {
        flags.filled = true;
        if (store.k !== null) members.add(store.k);
      }
    }
    for (const index of file.callsOf(at)) {
      const call = file.call(index);
      read(call.f, called);
      for (const arg of call.a) read(arg, passed, true);
      for (const [, arg] of call.k ?? []) read(arg, passed, true);
      const callee = call.f;
      if (callee[0] === "a" && mutators.has(callee[2])) {
        const root = rootName(callee[1]);
        if (root !== null) filled.add(root);
      }
      if (callee[0] === "n" && callee[1] === "getattr" && call.a[1]?.[0] === "n") keys.add(call.a[1][1]);
      if (isSelf(classRead(file, callee))) flags.returned = true;
      if (callee[0] === "a" && callee[2] === "assign" && call.a[0]?.[0] === "n") filled.add(call.a[0][1]);
    }
    for (const value of ir.returns ?? []) {
      read(value, returned);
      walk(value, (part) => {
        if (isSelf(part)) flags.returned = true;
        return true;
      });
    }
    for (const value of ir.yields ?? []) read(value, returned);
    for (const base of ir.bases ?? []) read(base, called);
    for (const child of file.childrenOf(at)) visit(child);
  };
  visit(scope);
  for (let round = 0; round < 2; round++) {
    for (const [name, value] of aliases) {
      for (const set of [called, passed, returned]) if (set.has(name)) read(value, set);
    }
  }
  const roles = (ir.params ?? []).map(({ n }): Role | null => {
    const role: Role = {
      used: called.has(n) || returned.has(n) || filled.has(n),
      passed: passed.has(n),
      filled: filled.has(n),
      key: keys.has(n),
    };
    return role.used || role.passed || role.key ? role : null;
  });
  return {
    heeds: roles.some((role, i) => role !== null && !(i === 0 && ir.params![i]!.n === self)),
    roles,
    called,
    passed,
    returned,
    filled,
    keys,
    members,
    receiver: flags.receiver,
    receiverReturned: flags.returned,
    receiverFilled: flags.filled,
    super: flags.super,
  };
}
