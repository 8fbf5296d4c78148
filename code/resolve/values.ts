// Abstract values: what a name may mean at run time, as far as calls care. Interned, so that identity is equality.
import type { Expr } from "../ir.ts";
import type { PackageRef } from "../languages/language.ts";
import type { FileModel } from "./file-model.ts";
import type { Frame } from "./frames.ts";

interface Base {
  readonly id: number;
}
/** A function with the frame it closes over and the receiver it was looked up on. */
export interface FunctionValue extends Base {
  readonly is: "function";
  readonly file: FileModel;
  readonly scope: number;
  readonly env: Frame | null;
  readonly self: Value | null;
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
  const more = b.filter((value) => !a.includes(value));
  if (more.length === 0) return a;
  return a.length + more.length > maxValues ? none : [...a, ...more];
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

type WithoutId<T> = T extends Base ? Omit<T, "id"> : never;

function byScope<V>(
  tables: Map<FileModel, (Map<number, V> | undefined)[]>,
  file: FileModel,
  scope: number,
): Map<number, V> {
  let scopes = tables.get(file);
  if (scopes === undefined) tables.set(file, (scopes = []));
  return (scopes[scope] ??= new Map());
}

/** One table a resolution; values of one table only are ever compared. */
export class ValueTable {
  readonly #known = new Map<string, Value>();
  #next = 1;
  readonly #files = new Map<FileModel, number>();

  #fileId(file: FileModel): number {
    let id = this.#files.get(file);
    if (id === undefined) this.#files.set(file, (id = this.#files.size));
    return id;
  }

  #intern<V extends Value>(key: string, make: WithoutId<V>): V {
    const known = this.#known.get(key);
    if (known !== undefined) return known as V;
    const value = { ...make, id: this.#next++ } as unknown as V;
    this.#known.set(key, value);
    return value;
  }

  /** Functions and classes are asked for all the time: found by numbers, without spelling a key. */
  readonly #functions = new Map<FileModel, (Map<number, FunctionValue> | undefined)[]>();
  readonly #classes = new Map<FileModel, (Map<number, ClassValue> | undefined)[]>();
  readonly #plain = new Map<number, InstanceValue>();
  readonly #declared = new Map<number, InstanceValue>();

  function(file: FileModel, scope: number, env: Frame | null, self: Value | null): FunctionValue {
    const table = byScope(this.#functions, file, scope);
    const key = (env?.id ?? 0) * 0x4000000 + (self?.id ?? 0);
    let value = table.get(key);
    if (value === undefined) table.set(key, (value = { id: this.#next++, is: "function", file, scope, env, self }));
    return value;
  }
  class(file: FileModel, scope: number, env: Frame | null): ClassValue {
    const table = byScope(this.#classes, file, scope);
    let value = table.get(env?.id ?? 0);
    if (value === undefined) table.set(env?.id ?? 0, (value = { id: this.#next++, is: "class", file, scope, env }));
    return value;
  }
  instance(of: Value, site: string, args: CallArgs | null, declared = false): InstanceValue {
    if (site !== "") {
      return this.#intern(`i${of.id}.${site}.${declared ? 1 : 0}`, { is: "instance", of, site, args, declared });
    }
    // Any instance of a class is asked for all the time, like the class itself.
    const known = declared ? this.#declared : this.#plain;
    let value = known.get(of.id);
    if (value === undefined) known.set(of.id, (value = { id: this.#next++, is: "instance", of, site, args, declared }));
    return value;
  }
  module(path: string): ModuleValue {
    return this.#intern(`m${path}`, { is: "module", path });
  }
  unit(folder: string, files: readonly string[]): UnitValue {
    return this.#intern(`u${folder}\0${files.join("\0")}`, { is: "unit", folder, files });
  }
  external(of: PackageRef, name: string): ExternalValue {
    return this.#intern(`x${of.ecosystem}/${of.name}\0${name}`, { is: "external", package: of, name });
  }
  text(text: string): TextValue {
    return this.#intern(`s${text}`, { is: "text", text });
  }
  number(value: number): NumberValue {
    return this.#intern(`#${value}`, { is: "number", value });
  }
  native(name: string, self: Value | null = null, bound: CallArgs | null = null, site = ""): NativeValue {
    return this.#intern(`n${name}.${self?.id ?? 0}.${bound === null ? "" : site}`, { is: "native", name, self, bound });
  }
  super(of: ClassValue, self: Value): SuperValue {
    return this.#intern(`S${of.id}.${self.id}`, { is: "super", of, self });
  }
  prototype(of: Value): PrototypeValue {
    return this.#intern(`p${of.id}`, { is: "prototype", of });
  }
  declared(file: FileModel, path: string, type: Expr | null, scope: number, env: Frame | null): DeclaredValue {
    return this.#intern(`d${this.#fileId(file)}.${path}`, { is: "declared", file, path, type, scope, env });
  }
  box(key: string, rest: Omit<BoxValue, "id" | "is" | "key">): BoxValue {
    return this.#intern(`b${key}`, { is: "box", key, ...rest });
  }
}
