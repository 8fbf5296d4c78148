// What the engine asks a language: how its built-ins, members and modules behave. All else is the same in all languages.
import type { Expr, FileIr, ImportIr } from "../ir.ts";
import type { ProjectFiles } from "../languages/language.ts";
import type { Place } from "./place.ts";
import type { World } from "./world.ts";
import type {
  BoxValue,
  CallArgs,
  ClassValue,
  ExternalValue,
  InstanceValue,
  NativeValue,
  NumberValue,
  TextValue,
  Value,
  Values,
} from "./values.ts";

export interface Semantics {
  /** Is a method's receiver its first parameter, or `this`? */
  readonly receiver: "first" | "this";
  /** Member that runs when an instance is made; null: making one calls nothing. */
  readonly constructorName: string | null;
  /** Member that runs when an instance is called; null: instances are not callable. */
  readonly callName: string | null;
  /** Module-level names mean the same wherever they are read. */
  readonly unordered: boolean;
  /** Declared result types are exact enough to not look at bodies. */
  readonly trustTypes: boolean;
  /** Calling a class makes an instance without `new`. */
  readonly callConstructs: boolean;
  /** Calling a class converts a value: nothing is called. */
  readonly conversions?: true;
  /** A file that the usual build leaves out for another one with the same names (Go's build constraints). */
  isVariant?(ir: FileIr): boolean;
  /** Are two files never part of one build? Then neither calls the other. */
  excludes?(a: FileIr, b: FileIr): boolean;
  /** False where a class body does not see its own members by plain name (Go: a field may be named like its type). */
  readonly memberNames?: false;
  /** What a module gives to others: its top-level names, or what its export table lists. */
  readonly moduleExports: "names" | "exports";
  /** The name under which a module lists what `from module import *` gives; without such a list it gives all public names. */
  readonly starNames?: string;
  /** A name that no scope declares: a built-in of the language, or nothing. */
  global(world: World, name: string): Values;
  /** Member of a value that is not a class, instance or module of the repository, where the heap has none. */
  member(world: World, value: BoxValue | TextValue | NumberValue | NativeValue | Value, name: string): Values;
  /** Result of calling a built-in. What it calls in turn goes through `world.callBack`. */
  call(world: World, native: NativeValue, args: CallArgs, place: Place): Values;
  /** Result of calling something of another package, null when nothing is known of it. */
  callExternal?(world: World, callee: ExternalValue, args: CallArgs, place: Place): Values | null;
  /** What reading a member through an instance or a class gives for the values that the class has under its name. */
  fetched?(world: World, values: Values, cls: ClassValue, self: Value | null, place: Place): Values;
  /** What runs when something is assigned to a member that has these values in the class. */
  setters?(world: World, values: Values, self: Value | null, place: Place): Values;
  /** The functions that run when a member is read that has this value in the class. */
  fetchers?(world: World, value: Value, place: Place): Values;
  /** What an instance gives for a member that neither it nor its classes have; null: nothing says so. */
  fallback?(world: World, value: InstanceValue, name: string, place: Place): Values | null;
  /** The functions that `fallback` runs. */
  fallbacks?(world: World, value: InstanceValue, name: string, place: Place): Values;
  /** What iterating an instance gives. */
  /** Is a method of this name one that calls its first function argument, whatever object it is called on? */
  callsArgument?(name: string): boolean;
  iterateInstance?(world: World, value: InstanceValue | BoxValue, place: Place): Values;
  /** What an instance gives for an index. */
  indexInstance?(world: World, value: Value, keys: Values, place: Place): Values;
  /** Instances of a generic or built-in type; null: look the head up as a class. */
  typeInstances?(world: World, head: string, args: readonly Expr[], place: Place): Values | null;
  /** Modules below a package's folder: file paths to try for a name that the package does not bind. */
  submodulePaths?(folder: string, name: string): readonly string[];
  /** The folder whose package a file is, null if it is a plain module. */
  packageFolder?(path: string): string | null;
  /** The specifier whose module an import binds, when it is not the one it loads (`import a.b` binds `a`). */
  boundSpecifier?(one: ImportIr): string | null;
  /** Files that share one namespace with this one, itself included. */
  unit?(world: World, path: string, project: ProjectFiles): { folder: string; files: readonly string[] } | null;
  /** Further scopes of the same class in files of its unit. */
  classParts?(world: World, value: ClassValue): readonly { path: string; scope: number }[];
}

/** What holds where a language states nothing: names and imports are resolved, built-ins are not known. */
export const plainSemantics: Semantics = {
  receiver: "this",
  constructorName: null,
  callName: null,
  unordered: false,
  trustTypes: false,
  callConstructs: true,
  moduleExports: "names",
  global: () => [],
  member: () => [],
  call: () => [],
};
