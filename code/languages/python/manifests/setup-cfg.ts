// setup.cfg: the declarative half of setuptools.
import type { Manifest, StatedDependency } from "../../language.ts";
import { normaliseName } from "../imports/distribution-names.ts";
import { type IniValue, parseIni } from "./ini.ts";
import { dependency, parseRequirement } from "./requirement.ts";

export function readSetupCfg(path: string, text: string): Manifest {
  const { sections, problems: unread } = parseIni(text);
  const problems = unread.map((problem) => `${path}: ${problem}`);
  const dependencies: StatedDependency[] = [];
  const add = (value: IniValue | undefined, kind: StatedDependency["kind"]) => {
    for (const { text: whole, line } of value?.lines ?? []) {
      // `file:` points to a requirements file, which is read in its own right.
      if (/^(?:file|attr):/.test(whole)) continue;
      for (const wanted of whole.split(
        /;(?=\s*[A-Za-z0-9._-]+\s*(?:$|[<>=!~[]))(?!\s*(?:python_|sys_|platform|os_|extra|implementation))/,
      )) {
        const requirement = parseRequirement(wanted.replace(/(?:^|\s)#.*$/, ""));
        if (requirement === null) problems.push(`${path}: line ${line} names no package: ${wanted.slice(0, 80)}`);
        else dependencies.push(dependency(requirement, kind, line));
      }
    }
  };
  const options = sections.get("options");
  add(options?.get("install_requires"), "runtime");
  add(options?.get("setup_requires"), "build");
  add(options?.get("tests_require"), "dev");
  for (const value of sections.get("options.extras_require")?.values() ?? []) add(value, "optional");

  const metadata = sections.get("metadata");
  const read = (value: IniValue | undefined) => value?.lines[0]?.text;
  const name = read(metadata?.get("name"));
  const version = read(metadata?.get("version"));
  const description = read(metadata?.get("description") ?? metadata?.get("summary"));
  const python = read(options?.get("python_requires"));
  return {
    package:
      name === undefined
        ? null
        : {
            ecosystem: "pypi",
            name: normaliseName(name),
            ...(version !== undefined && !/^(?:attr|file):/.test(version) && { version }),
            props: {
              ...(description !== undefined &&
                !description.startsWith("file:") && { description: description.slice(0, 500) }),
              ...(python !== undefined && { requiresPython: python }),
            },
          },
    dependencies,
    problems,
  };
}
