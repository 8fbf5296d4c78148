// One requirement as PEP 508 writes it: `name[extra] >=1,<2 ; marker` or `name @ url`.
import type { StatedDependency } from "../../language.ts";
import { normaliseName } from "../imports/distribution-names.ts";

const named = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*([^;]*?)\s*(?:;.*)?$/s;

export interface Requirement {
  name: string;
  constraint: string;
}

/** null when it is none. */
export function parseRequirement(text: string): Requirement | null {
  const match = named.exec(text.trim());
  if (match === null) return null;
  const [, name = "", rest = ""] = match;
  if (rest.startsWith("@"))
    return { name: normaliseName(name), constraint: text.trim().slice(text.trim().indexOf("@")) };
  const constraint = rest.startsWith("(") && rest.endsWith(")") ? rest.slice(1, -1).trim() : rest;
  if (constraint !== "" && !/^(?:[<>=!~]=?=?\s*[^\s,<>=!~]+(?:\s*,\s*|$))+$/.test(constraint)) return null;
  return { name: normaliseName(name), constraint };
}

export function dependency(
  requirement: Requirement,
  kind: StatedDependency["kind"],
  line: number | undefined,
): StatedDependency {
  const { name, constraint } = requirement;
  return { package: { ecosystem: "pypi", name }, constraint, kind, ...(line !== undefined && { line }) };
}
