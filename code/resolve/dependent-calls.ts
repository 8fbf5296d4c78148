// Which calls of a function what a caller gives can reach at all: the others run as they do for any caller, and need no second look.
import type { BindingIr, Expr } from "../ir.ts";
import { mutates, rootName } from "./expressions.ts";
import type { FileModel } from "./file-model.ts";

/** What a frame has that the function's free frame has not. */
export interface Given {
  readonly params: ReadonlyMap<string, unknown>;
  /** A receiver of its own. */
  readonly self: boolean;
  /** The function around it runs in a frame that depends on a call site. */
  readonly around: boolean;
}

const known = new WeakMap<FileModel, Map<string, readonly number[]>>();

/** Indexes of the calls that stand in a function and in what runs with it. `first`: the receiver is the first parameter. */
export function dependentCalls(file: FileModel, scope: number, given: Given, first: boolean): readonly number[] {
  let ofFile = known.get(file);
  if (ofFile === undefined) known.set(file, (ofFile = new Map()));
  let key = `${scope}${given.self ? "s" : ""}${given.around ? "a" : ""}`;
  for (const name of given.params.keys()) key += `,${name}`;
  let calls = ofFile.get(key);
  if (calls === undefined) ofFile.set(key, (calls = new Reach(file, scope, given, first).calls()));
  return calls;
}

class Reach {
  readonly #file: FileModel;
  readonly #body: readonly number[];
  readonly #names: Set<string>;
  readonly #around: boolean;
  #self: boolean;
  readonly #declared = new Map<string, boolean>();
  /** Calls and nested functions that are reached; what is not is asked again when more names are. */
  readonly #calls = new Set<number>();
  readonly #open = new Set<number>();

  constructor(file: FileModel, scope: number, given: Given, first: boolean) {
    this.#file = file;
    this.#body = file.bodyOf(scope);
    this.#names = new Set(given.params.keys());
    this.#around = given.around;
    this.#self = given.self || (given.around && file.scope(scope).bound === "arrow");
    if (given.self && first) {
      const receiver = file.receiverName(scope);
      if (receiver !== undefined) this.#names.add(receiver);
    }
  }

  calls(): readonly number[] {
    const { scopes } = this.#file.ir;
    const bindings = this.#body.flatMap((scope) => scopes[scope]!.bindings);
    const stores = this.#body.flatMap((scope) => this.#file.storesOf(scope));
    const calls = this.#body.flatMap((scope) => this.#file.callsOf(scope));
    for (let size = -1; size !== this.#size();) {
      size = this.#size();
      for (const binding of bindings) this.#assign(binding);
      for (const store of stores) if (this.#reaches(store.v) || this.#reaches(store.o)) this.#fill(store.o);
      for (const index of calls) {
        if (!this.#reachesCall(index)) continue;
        const call = this.#file.call(index);
        if (!mutates(call.f)) continue;
        this.#fill(call.f);
        for (const arg of call.a) this.#fill(arg);
      }
    }
    return calls.filter((index) => this.#reachesCall(index));
  }

  #size(): number {
    return this.#names.size + (this.#self ? 1 : 0);
  }

  #assign(binding: BindingIr): void {
    if (!this.#names.has(binding.n) && this.#reaches(binding.v)) this.#names.add(binding.n);
  }

  /** Something that is reached is put into an object: what is read from it is reached, too. */
  #fill(object: Expr): void {
    const name = rootName(object);
    if (name !== null) this.#names.add(name);
    else if (object[0] === "this" || (object[0] === "a" && object[1][0] === "this")) this.#self = true;
  }

  #reachesName(name: string): boolean {
    if (this.#names.has(name)) return true;
    if (name === "super") return this.#self;
    return this.#around && this.#isOfAround(name);
  }

  /** Declared by a function around this one, not by itself and not by the module. */
  #isOfAround(name: string): boolean {
    let around = this.#declared.get(name);
    if (around !== undefined) return around;
    around = false;
    const file = this.#file;
    for (let s = this.#body[0]!; s > 0; s = file.scope(s).parent) {
      if (file.scope(s).kind === "class") continue;
      if (file.bindings(s, name).length === 0 && file.param(s, name) === undefined) continue;
      around = s !== this.#body[0];
      break;
    }
    this.#declared.set(name, around);
    return around;
  }

  #reachesCall(index: number): boolean {
    if (this.#calls.has(index)) return true;
    const call = this.#file.ir.calls[index];
    if (call === undefined) return false;
    const reached =
      this.#reaches(call.f) ||
      call.a.some((arg) => this.#reaches(arg)) ||
      (call.k?.some(([, arg]) => this.#reaches(arg)) ?? false);
    if (reached) this.#calls.add(index);
    return reached;
  }

  /** A function or class that is made here, by what it mentions. */
  #reachesScope(scope: number): boolean {
    if (this.#open.has(scope)) return false;
    this.#open.add(scope);
    const file = this.#file;
    const ir = file.scope(scope);
    const reached =
      ir.bindings.some((binding) => this.#reaches(binding.v)) ||
      file.storesOf(scope).some((store) => this.#reaches(store.o) || this.#reaches(store.v)) ||
      file.callsOf(scope).some((index) => this.#reachesCall(index)) ||
      (ir.returns?.some((value) => this.#reaches(value)) ?? false) ||
      (ir.yields?.some((value) => this.#reaches(value)) ?? false) ||
      (ir.bases?.some((value) => this.#reaches(value)) ?? false) ||
      file.childrenOf(scope).some((child) => this.#reachesScope(child));
    this.#open.delete(scope);
    return reached;
  }

  #reaches(expr: Expr): boolean {
    switch (expr[0]) {
      case "n":
        return this.#reachesName(expr[1]);
      case "this":
      case "super":
        return this.#self;
      case "a":
      case "e":
      case "w":
      case "*":
      case "I":
        return this.#reaches(expr[1]);
      case "i":
        return this.#reaches(expr[1]) || this.#reaches(expr[2]);
      case "c":
      case "t":
        return this.#reachesCall(expr[1]);
      case "d":
        return this.#reachesCall(expr[1]) || this.#reaches(expr[2]);
      case "f":
      case "k":
        return this.#reachesScope(expr[1]);
      case "o":
        return expr[1].some(([, value]) => this.#reaches(value));
      case "l":
      case "u":
      case "+":
        return expr[1].some((value) => this.#reaches(value));
      case "g":
        return this.#reaches(expr[1]) || expr[2].some((value) => this.#reaches(value));
      default:
        return false;
    }
  }
}
