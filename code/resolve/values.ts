// Abstract values: what a name may mean at run time, as far as calls care. Interned, so that identity is equality.
import type { Expr } from "../ir.ts";
import type { PackageRef } from "../languages/language.ts";
import type { FileModel } from "./file-model.ts";
import type { Frame } from "./frames.ts";
import type { Cells, Thunk } from "./heap.ts";

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
  /** Its members by name, and what calling it gives: the table's. */
  members: Map<string, ExternalValue> | null;
  result: ExternalValue | null;
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
  /** What the entries of its literal are computed from, once they were asked for. */
  entries: Map<Expr, Thunk> | null;
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

/** More of a name than this is not told apart. */
const maxExternalName = 120;

/**
 * One table a resolution; values of one table only are ever compared. Found without spelling keys where they are asked for all the time:
 * what closes over a frame is kept with that frame.
 */
export class ValueTable {
  #next = 1;
  /** Of those that close over nothing. */
  readonly #functions = new Map<FileModel, Map<number, FunctionValue>>();
  readonly #classes = new Map<FileModel, Map<number, ClassValue>>();
  readonly #plain = new Map<number, InstanceValue>();
  readonly #typed = new Map<number, InstanceValue>();
  readonly #sited = new Map<string, Map<number, InstanceValue>>();
  readonly #modules = new Map<string, ModuleValue>();
  readonly #units = new Map<string, UnitValue>();
  readonly #externals = new Map<string, Map<string, Map<string, ExternalValue>>>();
  readonly #texts = new Map<string, TextValue>();
  readonly #numbers = new Map<number, NumberValue>();
  readonly #natives = new Map<string, Map<number | string, NativeValue>>();
  readonly #supers = new Map<number, Map<number, SuperValue>>();
  readonly #prototypes = new Map<number, PrototypeValue>();
  readonly #bodiless = new Map<FileModel, Map<string, DeclaredValue>>();
  readonly #boxes = new Map<string, BoxValue>();

  function(file: FileModel, scope: number, env: Frame | null, self: Value | null): FunctionValue {
    const table = env === null ? inner(this.#functions, file) : (env.functions ??= new Map());
    let plain = table.get(scope);
    if (plain === undefined) table.set(scope, (plain = this.#function(file, scope, env, null)));
    if (self === null) return plain;
    let value = (plain.bound ??= new Map()).get(self.id);
    if (value === undefined) plain.bound.set(self.id, (value = this.#function(file, scope, env, self)));
    return value;
  }
  #function(file: FileModel, scope: number, env: Frame | null, self: Value | null): FunctionValue {
    return { id: this.#next++, cells: null, is: "function", file, scope, env, self, bound: null };
  }
  class(file: FileModel, scope: number, env: Frame | null): ClassValue {
    const table = env === null ? inner(this.#classes, file) : (env.classes ??= new Map());
    let value = table.get(scope);
    if (value === undefined)
      table.set(scope, (value = { id: this.#next++, cells: null, is: "class", file, scope, env }));
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
    if (value === undefined) {
      value = { id: this.#next++, cells: null, is: "external", package: of, name, members: null, result: null };
      known.set(name, value);
    }
    return value;
  }
  externalMember(of: ExternalValue, name: string): ExternalValue {
    let value = (of.members ??= new Map()).get(name);
    if (value === undefined) {
      const whole = of.name === "" ? name : `${of.name}.${name}`.slice(0, maxExternalName);
      of.members.set(name, (value = this.external(of.package, whole)));
    }
    return value;
  }
  externalResult(of: ExternalValue): ExternalValue {
    return (of.result ??= of.name.endsWith("()") ? of : this.external(of.package, `${of.name}()`));
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
    const receiver = self === null ? 0 : self.id;
    const key = bound === null ? receiver : `${receiver}.${site}`;
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
  box(key: string, rest: Omit<BoxValue, "id" | "cells" | "is" | "key" | "entries">): BoxValue {
    let value = this.#boxes.get(key);
    if (value === undefined) {
      const { shape, literal, frame, scope, at, region } = rest;
      value = {
        id: this.#next++,
        cells: null,
        is: "box",
        shape,
        literal,
        frame,
        scope,
        at,
        region,
        key,
        entries: null,
      };
      this.#boxes.set(key, value);
    }
    return value;
  }
  /** What a literal makes in one frame. */
  literal(literal: Expr, frame: Frame, scope: number, at: number, region: number): BoxValue {
    const known = (frame.literals ??= new Map());
    let value = known.get(literal);
    if (value === undefined) {
      const shape = literal[0] === "l" ? "list" : "dict";
      const id = this.#next++;
      value = { id, cells: null, is: "box", shape, literal, frame, scope, at, region, key: "", entries: null };
      known.set(literal, value);
    }
    return value;
  }
}

function inner<K, L, V>(tables: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let table = tables.get(key);
  if (table === undefined) tables.set(key, (table = new Map()));
  return table;
}
