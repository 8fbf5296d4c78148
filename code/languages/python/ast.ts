// The light syntax tree between parser and lowering. Expressions share one shape, so that property reads stay monomorphic;
// what the graph never looks at (operators, constants, precedence among them) is not kept.

export const N = {
  /** Nothing the graph can use; `items` are the parts that may hold calls. */
  Opaque: 0,
  Name: 1,
  Attribute: 2,
  Call: 3,
  /** left[right] */
  Subscript: 4,
  /** `name` is the text; bytes and formatted strings are Formatted. */
  String: 5,
  /** f-string, t-string or bytes: `items` are the expressions inside. */
  Formatted: 6,
  Int: 7,
  /** None, True, False, floats, ellipsis. */
  Constant: 8,
  Tuple: 9,
  List: 10,
  Set: 11,
  /** `items` are KeyValue or DoubleStar. */
  Dict: 12,
  KeyValue: 13,
  /** [left for …]: `items` are the Clauses. */
  ListComprehension: 14,
  SetComprehension: 15,
  Generator: 16,
  /** {left: right for …} */
  DictComprehension: 17,
  /** for left in right if items; `name` is "async" or "". */
  Clause: 18,
  /** `items` are parameters, `left` is the body. */
  Lambda: 19,
  /** and / or over `items`. */
  Choice: 20,
  /** left if right else items[0]; else-chains are flat: left, then items [condition, value, …, value]. */
  Conditional: 21,
  /** a | b | c */
  BitOr: 22,
  Await: 23,
  Yield: 24,
  YieldFrom: 25,
  /** left := right */
  Walrus: 26,
  Star: 27,
  DoubleStar: 28,
  /** Named argument `name=left`. */
  Keyword: 29,
  /** Concatenation with `+` over `items`. */
  Sum: 30,

  // Parameters: `name`, left = annotation, right = default.
  Parameter: 40,
  KeywordParameter: 41,
  RestParameter: 42,
  NamedRestParameter: 43,
  /** left = bound, right = default. */
  TypeParameter: 44,

  // Patterns of `case`.
  Capture: 50,
  Wildcard: 51,
  /** `left` is compared by value. */
  ValuePattern: 52,
  SequencePattern: 53,
  /** `items` are KeyValue (left = key, right = pattern) or StarPattern. */
  MappingPattern: 54,
  /** left(items): patterns, or Keyword. */
  ClassPattern: 55,
  OrPattern: 56,
  /** left as name */
  AsPattern: 57,
  /** `*name` or `**name`; `_` captures nothing. */
  StarPattern: 58,
} as const;

export class Node {
  readonly kind: number;
  readonly start: number;
  end: number;
  /** Line of the last token for names, attributes and calls' callees; of the first for all else. */
  readonly line: number;
  readonly name: string;
  readonly left: Node | null;
  readonly right: Node | null;
  readonly items: readonly Node[];

  constructor(
    kind: number,
    start: number,
    end: number,
    line: number,
    name: string,
    left: Node | null,
    right: Node | null,
    items: readonly Node[],
  ) {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.line = line;
    this.name = name;
    this.left = left;
    this.right = right;
    this.items = items;
  }
}

export const noNodes: readonly Node[] = [];

interface Spot {
  start: number;
  end: number;
  line: number;
}

export type Statement =
  | ExpressionStatement
  | AssignStatement
  | AugmentedAssignStatement
  | ReturnStatement
  | RaiseStatement
  | DeleteStatement
  | ScopeStatement
  | ImportStatement
  | IfStatement
  | WhileStatement
  | ForStatement
  | WithStatement
  | TryStatement
  | MatchStatement
  | FunctionStatement
  | ClassStatement
  | TypeAliasStatement;

interface ExpressionStatement extends Spot {
  kind: "expression";
  values: readonly Node[];
}
export interface AssignStatement extends Spot {
  kind: "assign";
  targets: readonly Node[];
  value: Node | null;
  annotation: Node | null;
}
export interface AugmentedAssignStatement extends Spot {
  kind: "augmented";
  target: Node;
  /** `+=`, the only one that lists know. */
  adds: boolean;
  value: Node;
}
interface ReturnStatement extends Spot {
  kind: "return";
  value: Node | null;
}
export interface RaiseStatement extends Spot {
  kind: "raise";
  values: readonly Node[];
}
interface DeleteStatement extends Spot {
  kind: "delete";
  targets: readonly Node[];
}
export interface ScopeStatement extends Spot {
  kind: "global" | "nonlocal";
  names: readonly string[];
}
export interface ImportedName {
  /** Dotted module of `import x.y`, member of `from m import x`; `*` for all. */
  name: string;
  as: string | null;
  line: number;
}
export interface ImportStatement extends Spot {
  kind: "import";
  /** `from` part with its dots; null for a plain import. */
  from: string | null;
  names: readonly ImportedName[];
}
interface IfStatement extends Spot {
  kind: "if";
  branches: readonly { test: Node | null; body: readonly Statement[] }[];
}
interface WhileStatement extends Spot {
  kind: "while";
  test: Node;
  body: readonly Statement[];
  otherwise: readonly Statement[];
}
interface ForStatement extends Spot {
  kind: "for";
  async: boolean;
  target: Node;
  iterable: Node;
  body: readonly Statement[];
  otherwise: readonly Statement[];
}
export interface WithStatement extends Spot {
  kind: "with";
  async: boolean;
  items: readonly { context: Node; target: Node | null }[];
  body: readonly Statement[];
}
export interface TryStatement extends Spot {
  kind: "try";
  body: readonly Statement[];
  handlers: readonly { type: Node | null; name: string | null; at: number; body: readonly Statement[] }[];
  otherwise: readonly Statement[];
  final: readonly Statement[];
}
interface MatchStatement extends Spot {
  kind: "match";
  subject: Node;
  cases: readonly { pattern: Node; guard: Node | null; body: readonly Statement[] }[];
}
export interface FunctionStatement extends Spot {
  kind: "function";
  name: string;
  async: boolean;
  /** `start` is the first decorator's, `headStart` that of `def`. */
  headStart: number;
  headEnd: number;
  decorators: readonly Node[];
  typeParameters: readonly Node[];
  parameters: readonly Node[];
  returns: Node | null;
  body: readonly Statement[];
}
export interface ClassStatement extends Spot {
  kind: "class";
  name: string;
  headStart: number;
  headEnd: number;
  decorators: readonly Node[];
  typeParameters: readonly Node[];
  arguments: readonly Node[];
  body: readonly Statement[];
}
interface TypeAliasStatement extends Spot {
  kind: "type";
  name: string;
  typeParameters: readonly Node[];
  value: Node;
}

export interface ModuleTree {
  body: readonly Statement[];
  lineStarts: readonly number[];
  problems: [number, string][];
}

/** A value of which only its parts are read. */
export function opaque(start: number, end: number, line: number, items: readonly Node[]): Node {
  return new Node(N.Opaque, start, end, line, "", null, null, items);
}

/** Literals hold nothing to look up and are left out of opaque values. */
export function isInert(node: Node): boolean {
  return node.items.length === 0 && (node.kind === N.Opaque || (node.kind >= N.String && node.kind <= N.Constant));
}
