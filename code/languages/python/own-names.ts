// Names of a module's or class's own body, known before it is read.
import { N, type Node, type Statement } from "./ast.ts";

/** Names of a module's or class's own body: those that `def`, `class` and `import` bind, and all. */
export interface OwnNames {
  declared: Set<string>;
  all: Set<string>;
}

export function ownNames(body: readonly Statement[]): OwnNames {
  const own: OwnNames = { declared: new Set(), all: new Set() };
  collectNames(body, own);
  return own;
}

function collectNames(body: readonly Statement[], own: OwnNames): void {
  const addDeclared = (name: string) => {
    own.declared.add(name);
    own.all.add(name);
  };
  for (const statement of body) {
    switch (statement.kind) {
      case "function":
      case "class":
        addDeclared(statement.name);
        break;
      case "import":
        for (const { name, as } of statement.names) addDeclared(as ?? name.split(".", 1)[0] ?? name);
        break;
      case "assign":
        for (const target of statement.targets) collectTarget(target, own.all);
        break;
      case "if":
        for (const branch of statement.branches) collectNames(branch.body, own);
        break;
      case "for":
      case "while":
        collectNames(statement.body, own);
        collectNames(statement.otherwise, own);
        break;
      case "with":
        collectNames(statement.body, own);
        break;
      case "try":
        collectNames(statement.body, own);
        for (const handler of statement.handlers) collectNames(handler.body, own);
        collectNames(statement.otherwise, own);
        collectNames(statement.final, own);
        break;
      case "match":
        for (const { body: inner } of statement.cases) collectNames(inner, own);
        break;
      default:
    }
  }
}

function collectTarget(target: Node, names: Set<string>): void {
  if (target.kind === N.Name) names.add(target.name);
  else if (target.kind === N.Tuple || target.kind === N.List)
    for (const item of target.items) collectTarget(item, names);
  else if (target.kind === N.Star && target.left !== null) collectTarget(target.left, names);
}
