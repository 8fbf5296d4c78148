// pyproject.toml (PEP 621, dependency groups, poetry, uv, pdm, hatch) and Pipfile.
import type { Manifest, StatedDependency } from "../../language.ts";
import { normaliseName } from "../imports/distribution-names.ts";
import { dependency, parseRequirement } from "./requirement.ts";
import { isTable, readToml, stringsIn, tableAt, type TomlDocument } from "./toml-document.ts";

type Kind = StatedDependency["kind"];

interface Reading {
  path: string;
  toml: TomlDocument;
  dependencies: StatedDependency[];
  problems: string[];
}

function open(path: string, text: string): Reading {
  const toml = readToml(path, text);
  return { path, toml, dependencies: [], problems: [...toml.problems] };
}

export function readPyproject(path: string, text: string): Manifest {
  const reading = open(path, text);
  const { data } = reading.toml;
  const project = tableAt(data, "project");
  const poetry = tableAt(data, "tool", "poetry");
  addRequirements(reading, "project", project["dependencies"], "runtime");
  for (const [group, list] of Object.entries(tableAt(project, "optional-dependencies"))) {
    addRequirements(reading, "project.optional-dependencies", list, "optional", group);
  }
  for (const [group, list] of Object.entries(tableAt(data, "dependency-groups"))) {
    addRequirements(reading, "dependency-groups", list, "dev", group);
  }
  addRequirements(reading, "tool.uv", tableAt(data, "tool", "uv")["dev-dependencies"], "dev");
  for (const list of Object.values(tableAt(data, "tool", "pdm", "dev-dependencies"))) {
    addRequirements(reading, "tool.pdm.dev-dependencies", list, "dev");
  }
  for (const [name, environment] of Object.entries(tableAt(data, "tool", "hatch", "envs"))) {
    addRequirements(reading, `tool.hatch.envs.${name}`, tableAt(environment)["dependencies"], "dev");
  }
  addRequirements(reading, "build-system", tableAt(data, "build-system")["requires"], "build");
  addTable(reading, "tool.poetry.dependencies", poetry["dependencies"], "runtime");
  addTable(reading, "tool.poetry.dev-dependencies", poetry["dev-dependencies"], "dev");
  for (const [name, group] of Object.entries(tableAt(poetry, "group"))) {
    addTable(reading, `tool.poetry.group.${name}.dependencies`, tableAt(group)["dependencies"], "dev");
  }
  const name = project["name"] ?? poetry["name"];
  const version = project["version"] ?? poetry["version"];
  const description = project["description"] ?? poetry["description"];
  const python = project["requires-python"] ?? tableAt(poetry, "dependencies")["python"];
  return {
    package:
      typeof name === "string" && name !== ""
        ? {
            ecosystem: "pypi",
            name: normaliseName(name),
            ...(typeof version === "string" && { version }),
            props: {
              ...(typeof description === "string" && { description: description.slice(0, 500) }),
              ...(typeof python === "string" && { requiresPython: python }),
            },
          }
        : null,
    dependencies: reading.dependencies,
    problems: reading.problems,
  };
}

export function readPipfile(path: string, text: string): Manifest {
  const reading = open(path, text);
  for (const [name, table] of Object.entries(reading.toml.data)) {
    // Besides these two, a Pipfile may have groups of its own naming.
    if (name === "source" || name === "requires" || name === "scripts" || name === "pipenv") continue;
    addTable(reading, name, table, name === "packages" ? "runtime" : "dev");
  }
  return { package: null, dependencies: reading.dependencies, problems: reading.problems };
}

/** A list of PEP 508 texts; `{include-group = …}` entries point to lists that are read themselves. */
function addRequirements(reading: Reading, header: string, list: unknown, kind: Kind, group?: string): void {
  if (list === undefined) return;
  const where = group === undefined ? header : `${header}.${group}`;
  if (!Array.isArray(list)) {
    reading.problems.push(`${reading.path}: the dependencies in [${where}] are no list`);
    return;
  }
  for (const text of list) {
    if (isTable(text)) continue;
    const requirement = typeof text === "string" ? parseRequirement(text) : null;
    if (requirement === null) {
      reading.problems.push(`${reading.path}: ${JSON.stringify(text)} in [${where}] is no requirement`);
      continue;
    }
    const line = reading.toml.lineOf(header, String(text)) ?? reading.toml.lineOf(null, String(text));
    reading.dependencies.push(dependency(requirement, kind, line));
  }
}

/** `name = "constraint"` or `name = {version = …, git = …}`, as poetry and pipenv write it. */
function addTable(reading: Reading, header: string, table: unknown, kind: Kind): void {
  if (!isTable(table)) return;
  for (const [name, value] of Object.entries(table)) {
    if (name === "python") continue;
    const options = Array.isArray(value) ? value.filter(isTable) : isTable(value) ? [value] : [];
    if (typeof value !== "string" && options.length === 0) {
      reading.problems.push(`${reading.path}: ${name} in [${header}] states no version`);
      continue;
    }
    const constraint = typeof value === "string" ? value : constraintOf(options);
    const optional = kind === "runtime" && options.some((option) => option["optional"] === true);
    const line = reading.toml.lineOfKey(header, name);
    reading.dependencies.push(
      dependency({ name: normaliseName(name), constraint }, optional ? "optional" : kind, line),
    );
  }
}

function constraintOf(options: readonly Record<string, unknown>[]): string {
  const stated = options.flatMap((option) => {
    const [version] = stringsIn(option["version"]);
    if (version !== undefined) return [version];
    const [source] = [...stringsIn(option["git"]), ...stringsIn(option["url"]), ...stringsIn(option["path"])];
    return source === undefined ? [] : [`@ ${source}`];
  });
  return stated.join(" || ");
}
