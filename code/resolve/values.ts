// Abstract values: what a name may mean at run time, as far as calls care. Interned, so that identity is equality.
import type { Expr } from "../ir.ts";
import type { PackageRef } from "../languages/language.ts";
import type { FileModel } from "./file-model.ts";
import type { Frame } from "./frames.ts";
import type { Cells } from "./heap.ts";

interface Base {
  readonly id: number;
  /** What was put into it: the heap's. */
  cells: Cells | null;
}
/** A function with the frame it closes over and the receiver it was looked up on. */
export interface FunctionValue extends Base {
  readonly is: "function";
  readonly file: FileModel;
  readonly scope: number;
  readonly env: Frame | null;
  readonly self: Value | null;
  /** The same function on receivers: the table's. */
  bound: Map<number, FunctionValue> | null;
}
export interface ClassValue extends Base {
  readonly is: "class";
  readonly file: FileModel;
  readonly scope: number;
  readonly env: Frame | null;
}
/** `site` tells instances apart that may differ in their fields; "" is any instance of the class. */
export interface InstanceValue extends Base {
  readonly is: "instance";
  readonly of: Value;
  readonly site: string;
  /** Arguments of the constructor call, when they carry functions. */
  readonly args: CallArgs | null;
  /** Known by a declared type alone: any subclass may be meant. */
  readonly declared: boolean;
}
export interface ModuleValue extends Base {
  readonly is: "module";
  readonly path: string;
}
/** Several files that share one namespace, or a folder that is a package. */
export interface UnitValue extends Base {
  readonly is: "unit";
  readonly folder: string;
  readonly files: readonly string[];
}
/** Something of another package; `name` is the dotted way to it from the package. */
export interface ExternalValue extends Base {
  readonly is: "external";
  readonly package: PackageRef;
  readonly name: string;
}
/** A list, tuple, dict, object … made at one place. Its literal entries are read on demand; stores are in the heap. */
export interface BoxValue extends Base {
  readonly is: "box";
  readonly shape: "list" | "dict" | "promise" | "generator" | "map";
  readonly literal: Expr | null;
  readonly frame: Frame | null;
  readonly scope: number;
  readonly at: number;
  readonly region: number;
  /** Of the place that made it; "" for literals, which their expression tells apart. */
  readonly key: string;
}
export interface TextValue extends Base {
  readonly is: "text";
  readonly text: string;
}
export interface NumberValue extends Base {
  readonly is: "number";
  readonly value: number;
}
/** A function or type of the language itself, possibly bound to a receiver or to leading arguments. */
export interface NativeValue extends Base {
  readonly is: "native";
  readonly name: string;
  readonly self: Value | null;
  readonly bound: CallArgs | null;
}
/** `super` within `of`'s methods, for the receiver `self`. */
export interface SuperValue extends Base {
  readonly is: "super";
  readonly of: ClassValue;
  readonly self: Value;
}
/** JS: what `F.prototype` is. */
export interface PrototypeValue extends Base {
  readonly is: "prototype";
  readonly of: Value;
}
/** A member that is declared without a body: interface methods, abstract and ambient functions. */
export interface DeclaredValue extends Base {
  readonly is: "declared";
  readonly file: FileModel;
  readonly path: string;
  readonly type: Expr | null;
  readonly scope: number;
  readonly env: Frame | null;
}

export type Value =
  | FunctionValue
  | ClassValue
  | InstanceValue
  | ModuleValue
  | UnitValue
  | ExternalValue
  | BoxValue
  | TextValue
  | NumberValue
  | NativeValue
  | SuperValue
  | PrototypeValue
  | DeclaredValue;

export type Values = readonly Value[];
export const none: Values = [];

/** More than this is "could be anything": nothing is claimed of such a set. */
const maxValues = 24;

export interface CallArgs {
  /** A spread's elements are in `rest` from its place on. */
  readonly positional: readonly Values[];
  readonly rest: Values;
  readonly named: ReadonlyMap<string, Values>;
  /** Values behind `**spread`, keyed boxes. */
  readonly namedRest: Values;
}
export const noArgs: CallArgs = { positional: [], rest: none, named: new Map(), namedRest: none };

/** The same arguments with other positional ones. Arguments may be evaluated on demand, so they are never spread. */
export const withPositional = (args: CallArgs, positional: readonly Values[]): CallArgs => ({
  positional,
  rest: args.rest,
  named: args.named,
  namedRest: args.namedRest,
});

export function join(a: Values, b: Values): Values {
  if (a.length === 0) return b;
  if (b.length === 0 || a === b) return a;
  let all: Value[] | null = null;
  for (let i = 0; i < b.length; i++) {
    if (!a.includes(b[i]!)) (all ??= a.slice()).push(b[i]!);
  }
  if (all === null) return a;
  return all.length > maxValues ? none : all;
}

/** Values that can be called: what they are handed to is worth a look. */
export const isCallable = (value: Value): boolean =>
  value.is === "function" || value.is === "class" || (value.is === "native" && value.self !== null);

/** Values that have callable members. */
export const isObject = (value: Value): boolean =>
  value.is === "instance" || value.is === "module" || value.is === "prototype" || value.is === "super";

export const setKey = (values: Values): string =>
  values.length === 0
    ? ""
    : values.length === 1
      ? `${values[0]!.id}`
      : values
          .map((value) => value.id)
          .sort((a, b) => a - b)
          .join();

function byScope<V>(
  tables: Map<FileModel, (Map<number, V> | undefined)[]>,
  file: FileModel,
  scope: number,
): Map<number, V> {
  let scopes = tables.get(file);
  if (scopes === undefined) tables.set(file, (scopes = []));
  return (scopes[scope] ??= new Map());
}

/** One table a resolution; values of one table only are ever compared. Found without spelling keys where they are asked for all the time. */
export class ValueTable {
  #next = 1;
  readonly #functions = new Map<FileModel, (Map<number, FunctionValue> | undefined)[]>();
  readonly #classes = new Map<FileModel, (Map<number, ClassValue> | undefined)[]>();
  readonly #plain = new Map<number, InstanceValue>();
  readonly #typed = new Map<number, InstanceValue>();
  readonly #sited = new Map<string, Map<number, InstanceValue>>();
  readonly #modules = new Map<string, ModuleValue>();
  readonly #units = new Map<string, UnitValue>();
  readonly #externals = new Map<string, Map<string, Map<string, ExternalValue>>>();
  readonly #texts = new Map<string, TextValue>();
  readonly #numbers = new Map<number, NumberValue>();
  readonly #natives = new Map<string, Map<string, NativeValue>>();
  readonly #supers = new Map<number, Map<number, SuperValue>>();
  readonly #prototypes = new Map<number, PrototypeValue>();
  readonly #bodiless = new Map<FileModel, Map<string, DeclaredValue>>();
  readonly #boxes = new Map<string, BoxValue>();
  readonly #literals = new Map<Expr, Map<number, BoxValue>>();

  function(file: FileModel, scope: number, env: Frame | null, self: Value | null): FunctionValue {
    const table = byScope(this.#functions, file, scope);
    const around = env === null ? 0 : env.id;
    let plain = table.get(around);
    if (plain === undefined) table.set(around, (plain = this.#function(file, scope, env, null)));
    if (self === null) return plain;
    let value = (plain.bound ??= new Map()).get(self.id);
    if (value === undefined) plain.bound.set(self.id, (value = this.#function(file, scope, env, self)));
    return value;
  }
  #function(file: FileModel, scope: number, env: Frame | null, self: Value | null): FunctionValue {
    return { id: this.#next++, cells: null, is: "function", file, scope, env, self, bound: null };
  }
  class(file: FileModel, scope: number, env: Frame | null): ClassValue {
    const table = byScope(this.#classes, file, scope);
    let value = table.get(env?.id ?? 0);
    if (value === undefined)
      table.set(env?.id ?? 0, (value = { id: this.#next++, cells: null, is: "class", file, scope, env }));
    return value;
  }
  instance(of: Value, site: string, args: CallArgs | null, declared = false): InstanceValue {
    const known = site !== "" && !declared ? inner(this.#sited, site) : declared ? this.#typed : this.#plain;
    let value = known.get(of.id);
    if (value === undefined)
      known.set(of.id, (value = { id: this.#next++, cells: null, is: "instance", of, site, args, declared }));
    return value;
  }
  module(path: string): ModuleValue {
    let value = this.#modules.get(path);
    if (value === undefined) this.#modules.set(path, (value = { id: this.#next++, cells: null, is: "module", path }));
    return value;
  }
  unit(folder: string, files: readonly string[]): UnitValue {
    const key = `${folder}\0${files.join("\0")}`;
    let value = this.#units.get(key);
    if (value === undefined)
      this.#units.set(key, (value = { id: this.#next++, cells: null, is: "unit", folder, files }));
    return value;
  }
  external(of: PackageRef, name: string): ExternalValue {
    const known = inner(inner(this.#externals, of.ecosystem), of.name);
    let value = known.get(name);
    if (value === undefined)
      known.set(name, (value = { id: this.#next++, cells: null, is: "external", package: of, name }));
    return value;
  }
  text(text: string): TextValue {
    let value = this.#texts.get(text);
    if (value === undefined) this.#texts.set(text, (value = { id: this.#next++, cells: null, is: "text", text }));
    return value;
  }
  number(value: number): NumberValue {
    let known = this.#numbers.get(value);
    if (known === undefined) this.#numbers.set(value, (known = { id: this.#next++, cells: null, is: "number", value }));
    return known;
  }
  native(name: string, self: Value | null = null, bound: CallArgs | null = null, site = ""): NativeValue {
    const known = inner(this.#natives, name);
    const key = bound === null ? `${self?.id ?? 0}` : `${self?.id ?? 0}.${site}`;
    let value = known.get(key);
    if (value === undefined)
      known.set(key, (value = { id: this.#next++, cells: null, is: "native", name, self, bound }));
    return value;
  }
  super(of: ClassValue, self: Value): SuperValue {
    const known = inner(this.#supers, of.id);
    let value = known.get(self.id);
    if (value === undefined) known.set(self.id, (value = { id: this.#next++, cells: null, is: "super", of, self }));
    return value;
  }
  prototype(of: Value): PrototypeValue {
    let value = this.#prototypes.get(of.id);
    if (value === undefined)
      this.#prototypes.set(of.id, (value = { id: this.#next++, cells: null, is: "prototype", of }));
    return value;
  }
  declared(file: FileModel, path: string, type: Expr | null, scope: number, env: Frame | null): DeclaredValue {
    const known = inner(this.#bodiless, file);
    let value = known.get(path);
    if (value === undefined)
      known.set(path, (value = { id: this.#next++, cells: null, is: "declared", file, path, type, scope, env }));
    return value;
  }
  box(key: string, rest: Omit<BoxValue, "id" | "cells" | "is" | "key">): BoxValue {
    let value = this.#boxes.get(key);
    if (value === undefined) this.#boxes.set(key, (value = { id: this.#next++, cells: null, is: "box", key, ...rest }));
    return value;
  }
  /** What a literal makes in one frame. */
  literal(literal: Expr, frame: Frame, scope: number, at: number, region: number): BoxValue {
    const known = inner(this.#literals, literal);
    let value = known.get(frame.id);
    if (value === undefined) {
      const shape = literal[0] === "l" ? "list" : "dict";
      value = { id: this.#next++, cells: null, is: "box", shape, literal, frame, scope, at, region, key: "" };
      known.set(frame.id, value);
    }
    return value;
  }
}

function inner<K, L, V>(tables: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let table = tables.get(key);
  if (table === undefined) tables.set(key, (table = new Map()));
  return table;
}
