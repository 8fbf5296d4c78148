// pytest: a parameter of a test, or of another fixture, that is named like a fixture is what that fixture of the file, or of a conftest.py, gives.
import type { ParamIr } from "../../ir.ts";
import { type FunctionStatement, N, type Statement } from "./ast.ts";

/** Head of the type that says so; the name of the fixture is its argument. No name in a source looks like this. */
export const fixtureType = "<fixture>";

function isFixture(statement: FunctionStatement): boolean {
  return statement.decorators.some((decorator) => {
    const { kind, name, left } = decorator.kind === N.Call && decorator.left !== null ? decorator.left : decorator;
    return (
      name === "fixture" && (kind === N.Name || (left?.kind === N.Name && /^pytest(?:_asyncio)?$/.test(left.name)))
    );
  });
}

/** Names of a module's fixtures. */
export function fixturesOf(body: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const one of body)
    if (one.kind === "function" && one.decorators.length > 0 && isFixture(one)) names.add(one.name);
  return names;
}

/** Gives the parameters that pytest fills their types. */
export function typeFixtures(fixtures: ReadonlySet<string>, statement: FunctionStatement, params: ParamIr[]): void {
  const isTest = statement.name.startsWith("test");
  if (params.length === 0 || !(isTest || isFixture(statement))) return;
  for (const param of params) {
    const isGiven = fixtures.has(param.n) || (param.kind === "positional" && param.n !== "self" && param.n !== "cls");
    if (param.v === undefined && param.t === undefined && isGiven) {
      param.t = ["g", ["n", fixtureType], [["s", param.n]]];
    }
  }
}
