// go.mod and go.work → the package they declare and the dependencies they state.
import { AppError } from "@opentrace/contract/errors.ts";
import type { NodeFact } from "@opentrace/contract/facts.ts";
import type { Manifest, StatedDependency } from "../language.ts";
import { type GoModFile, parseGoMod } from "./go-mod.ts";

export function readGoManifest(path: string, text: string): Manifest {
  const file = parseGoMod(text);
  const isWorkspace = path.endsWith("go.work");
  if (isWorkspace && file.uses.length === 0 && file.go === null)
    throw new AppError("unprocessable", `${path} has no \`go\` and no \`use\` directive: it is no Go workspace file.`);
  if (!isWorkspace && file.module === null)
    throw new AppError(
      "unprocessable",
      `${path} has no \`module\` directive: add the module's path, as in \`module example.com/shop\`.`,
    );
  const dependencies: StatedDependency[] = file.requires.map(({ path: name, version, indirect, line }) => ({
    package: { ecosystem: "go", name },
    constraint: version,
    kind: indirect ? "indirect" : "runtime",
    line,
  }));
  return {
    package: file.module === null ? null : { ecosystem: "go", name: file.module, props: props(file) },
    dependencies,
    problems: file.problems,
  };
}

function props(file: GoModFile): NonNullable<NodeFact["props"]> {
  return {
    ...(file.go === null ? {} : { go: file.go }),
    ...(file.toolchain === null ? {} : { toolchain: file.toolchain }),
    ...(file.replaces.length === 0
      ? {}
      : {
          replace: file.replaces.map(({ from, fromVersion, to, toVersion }) =>
            [from, fromVersion, "=>", to, toVersion].filter((part) => part !== "").join(" "),
          ),
        }),
    ...(file.excludes.length === 0 ? {} : { exclude: file.excludes.map(({ path, version }) => `${path} ${version}`) }),
    ...(file.retracts.length === 0 ? {} : { retract: file.retracts }),
    ...(file.tools.length === 0 ? {} : { tools: file.tools }),
  };
}
