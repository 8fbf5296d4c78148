// setup.py, without running it: the literal arguments of its call of `setup`, through the project's own parser.
import type { Manifest, StatedDependency } from "../../language.ts";
import { N, type Node, type Statement } from "../ast.ts";
import { normaliseName } from "../imports/distribution-names.ts";
import { parseModule } from "../parse.ts";
import { dependency, parseRequirement } from "./requirement.ts";

/** A literal with the line it stands on; undefined where only running the file would tell. */
type Literal =
  | { is: "text"; text: string; line: number }
  | { is: "list"; items: readonly Literal[]; complete: boolean }
  | { is: "dict"; entries: readonly { key: string; value: Literal }[]; complete: boolean };

const maxDepth = 20;

export function readSetupPy(path: string, text: string): Manifest {
  const { body, problems: unread } = parseModule(text);
  const problems = unread.map(([line, what]) => `${path} line ${line}: ${what}`);
  const names = new Map<string, Node>();
  const call = findSetup(body, names);
  if (call === null) return { package: null, dependencies: [], problems };
  const args = new Map<string, Node>();
  for (const item of call.items) {
    if (item.left === null) continue;
    if (item.kind === N.Keyword) args.set(item.name, item.left);
    else if (item.kind === N.DoubleStar) addSpread(item.left, names, args);
  }
  const dependencies: StatedDependency[] = [];
  const add = (key: string, value: Literal | undefined, kind: StatedDependency["kind"]) => {
    const { wanted, complete } = texts(value);
    for (const { text: requirement, line } of wanted) {
      const parsed = parseRequirement(requirement);
      if (parsed === null)
        problems.push(`${path} line ${line}: ${JSON.stringify(requirement)} in ${key} is no requirement`);
      else dependencies.push(dependency(parsed, kind, line));
    }
    if (!complete)
      problems.push(`${path}: part of ${key} is made when the file runs, and is not known without running it`);
  };
  const literal = (key: string) => {
    const node = args.get(key);
    return node === undefined ? null : evaluate(node, names, 0);
  };
  for (const [key, kind] of [
    ["install_requires", "runtime"],
    ["requires", "runtime"],
    ["setup_requires", "build"],
    ["tests_require", "dev"],
  ] as const) {
    const value = literal(key);
    if (value !== null) add(key, value, kind);
  }
  const extras = literal("extras_require");
  if (extras !== null) {
    if (extras?.is === "dict")
      for (const { key, value } of extras.entries) add(`extras_require[${key}]`, value, "optional");
    if (extras?.is !== "dict" || !extras.complete) add("extras_require", undefined, "optional");
  }
  const read = (key: string) => {
    const value = literal(key);
    return value?.is === "text" ? value.text : undefined;
  };
  const name = read("name");
  const version = read("version");
  const description = read("description");
  const python = read("python_requires");
  return {
    package:
      name === undefined || name === ""
        ? null
        : {
            ecosystem: "pypi",
            name: normaliseName(name),
            ...(version !== undefined && { version }),
            props: {
              ...(description !== undefined && { description: description.slice(0, 500) }),
              ...(python !== undefined && { requiresPython: python }),
            },
          },
    dependencies,
    problems,
  };
}

/** The call of `setup`, and on the way what names are assigned once, anywhere in the file. */
function findSetup(body: readonly Statement[], names: Map<string, Node>): Node | null {
  let call: Node | null = null;
  for (const statement of body) {
    if (statement.kind === "assign" && statement.value !== null) {
      for (const target of statement.targets) if (target.kind === N.Name) names.set(target.name, statement.value);
    }
    if (statement.kind === "expression" || statement.kind === "assign") {
      const values = statement.kind === "assign" ? [statement.value] : statement.values;
      call ??= values.find((value) => value?.kind === N.Call && value.left?.name === "setup") ?? null;
    } else for (const inner of bodiesOf(statement)) call ??= findSetup(inner, names);
  }
  return call;
}

function bodiesOf(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case "if":
      return statement.branches.map((branch) => branch.body);
    case "try":
      return [
        statement.body,
        ...statement.handlers.map((handler) => handler.body),
        statement.otherwise,
        statement.final,
      ];
    case "with":
    case "function":
      return [statement.body];
    case "for":
    case "while":
      return [statement.body, statement.otherwise];
    default:
      return [];
  }
}

/** `setup(**options)` where options is a dict written in the file. */
function addSpread(node: Node, names: ReadonlyMap<string, Node>, args: Map<string, Node>): void {
  const dict = node.kind === N.Name ? names.get(node.name) : node;
  if (dict?.kind === N.Dict) {
    for (const { left, right } of dict.items) if (left?.kind === N.String && right !== null) args.set(left.name, right);
  } else if (dict?.kind === N.Call && dict.left?.name === "dict") {
    for (const item of dict.items) if (item.kind === N.Keyword && item.left !== null) args.set(item.name, item.left);
  }
}

function evaluate(node: Node, names: ReadonlyMap<string, Node>, depth: number): Literal | undefined {
  if (depth > maxDepth) return undefined;
  switch (node.kind) {
    case N.String:
      return { is: "text", text: node.name, line: node.line };
    case N.Name: {
      const value = names.get(node.name);
      return value === undefined ? undefined : evaluate(value, names, depth + 1);
    }
    case N.List:
    case N.Tuple:
    case N.Set:
    case N.Sum: {
      const values = node.items.map((item) =>
        evaluate(item.kind === N.Star ? (item.left ?? item) : item, names, depth + 1),
      );
      const known = values.filter((value) => value !== undefined);
      return { is: "list", items: known, complete: known.length === values.length };
    }
    case N.Dict: {
      const entries: { key: string; value: Literal }[] = [];
      for (const { left, right } of node.items) {
        const value = right === null ? undefined : evaluate(right, names, depth + 1);
        if (left?.kind === N.String && value !== undefined) entries.push({ key: left.name, value });
      }
      return { is: "dict", entries, complete: entries.length === node.items.length };
    }
    default:
      return undefined;
  }
}

function texts(value: Literal | undefined): { wanted: { text: string; line: number }[]; complete: boolean } {
  if (value === undefined || value.is === "dict") return { wanted: [], complete: false };
  if (value.is === "text") {
    // Setuptools also takes one text with a requirement on each line.
    return {
      wanted: value.text
        .split("\n")
        .map((text) => ({ text: text.trim(), line: value.line }))
        .filter(({ text }) => text !== ""),
      complete: true,
    };
  }
  const parts = value.items.map(texts);
  return {
    wanted: parts.flatMap((part) => part.wanted),
    complete: value.complete && parts.every((part) => part.complete),
  };
}
