// package.json as a manifest: the package it declares and the dependencies it states.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Manifest, StatedDependency } from "../language.ts";
import { isRecord, parseJsonWithComments, stringsOf, syntaxErrorOf } from "./imports/json-comments.ts";

const fields: readonly [string, StatedDependency["kind"]][] = [
  ["dependencies", "runtime"],
  ["devDependencies", "dev"],
  ["peerDependencies", "peer"],
  ["optionalDependencies", "optional"],
];

/**
 * Throws AppError("unprocessable") when the file holds no JSON object. Wrong parts of a readable one are named in `problems`.
 * Constraints stay as written; `npm:real@^1` states the package `real`.
 */
export function readManifest(path: string, text: string): Manifest {
  const json = parseJsonWithComments(text);
  if (!isRecord(json)) {
    throw new AppError(
      "unprocessable",
      `${path} is not valid JSON${syntaxErrorOf(text)}. Its dependencies were not read.`,
      {
        details: { path, reason: "parse_failed" },
      },
    );
  }
  const problems: string[] = [];
  const dependencies: StatedDependency[] = [];
  const optionalPeers = isRecord(json["peerDependenciesMeta"]) ? json["peerDependenciesMeta"] : {};
  const seen = new Set<string>();
  for (const [field, kind] of fields) {
    const stated = json[field];
    if (stated === undefined || stated === null) continue;
    if (!isRecord(stated)) {
      problems.push(`${path}: "${field}" should be an object of names and versions, not ${describe(stated)}.`);
      continue;
    }
    const lineOf = linesOf(text, field);
    for (const [name, constraint] of Object.entries(stated)) {
      if (typeof constraint !== "string") {
        problems.push(
          `${path}: the version of "${name}" in "${field}" should be a string, not ${describe(constraint)}.`,
        );
        continue;
      }
      if (name === "") {
        problems.push(`${path}: "${field}" states a dependency without a name.`);
        continue;
      }
      const alias = /^npm:((?:@[^/@]+\/)?[^@/]+)(?:@(.*))?$/.exec(constraint);
      const dependency: StatedDependency = {
        package: { ecosystem: "npm", name: alias?.[1] ?? name },
        constraint: alias === null ? constraint : (alias[2] ?? ""),
        kind: kind === "peer" && isOptional(optionalPeers[name]) ? "optional" : kind,
      };
      // npm lists optional dependencies among the others too: said once is enough.
      const key = `${dependency.kind} ${dependency.package.name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const line = lineOf(name);
      if (line !== undefined) dependency.line = line;
      dependencies.push(dependency);
    }
  }
  return { package: declaredPackage(json, path, problems), dependencies, problems };
}

function declaredPackage(json: Record<string, unknown>, path: string, problems: string[]): Manifest["package"] {
  const { name, version } = json;
  if (name === undefined) return null;
  if (typeof name !== "string" || name.trim() === "") {
    problems.push(`${path}: "name" should be a non-empty string, not ${describe(name)}.`);
    return null;
  }
  const workspaces = isRecord(json["workspaces"])
    ? stringsOf(json["workspaces"]["packages"])
    : stringsOf(json["workspaces"]);
  const props: NonNullable<NonNullable<Manifest["package"]>["props"]> = {};
  if (json["private"] === true) props["private"] = true;
  if (workspaces.length > 0) props["workspaces"] = workspaces;
  for (const field of ["description", "license"] as const) {
    const value = json[field];
    if (typeof value === "string" && value !== "") props[field] = value.slice(0, 500);
  }
  const declared: NonNullable<Manifest["package"]> = { ecosystem: "npm", name };
  if (typeof version === "string") declared.version = version;
  else if (version !== undefined) problems.push(`${path}: "version" should be a string, not ${describe(version)}.`);
  if (Object.keys(props).length > 0) declared.props = props;
  return declared;
}

function isOptional(meta: unknown): boolean {
  return isRecord(meta) && meta["optional"] === true;
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Finds the line of a name inside a top-level field. */
function linesOf(text: string, field: string): (name: string) => number | undefined {
  const start = new RegExp(`"${field}"\\s*:\\s*\\{`).exec(text);
  if (start === null) return () => undefined;
  const from = start.index + start[0].length;
  const end = text.indexOf("}", from);
  const body = text.slice(from, end < 0 ? text.length : end);
  const before = countLines(text.slice(0, from));
  return (name) => {
    const key = JSON.stringify(name);
    for (let at = body.indexOf(key); at >= 0; at = body.indexOf(key, at + 1)) {
      if (/^\s*:/.test(body.slice(at + key.length, at + key.length + 40)))
        return before + countLines(body.slice(0, at)) + 1;
    }
    return undefined;
  };
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
