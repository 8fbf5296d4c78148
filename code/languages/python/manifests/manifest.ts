// Which files state Python dependencies, and who reads them.
import type { Manifest } from "../../language.ts";
import { readPipfile, readPyproject } from "./pyproject.ts";
import { readRequirements } from "./requirements.ts";
import { readSetupCfg } from "./setup-cfg.ts";
import { readSetupPy } from "./setup-py.ts";

const requirements = /^(?:[\w.-]*[-_.])?requirements?(?:[-_.][\w.-]*)?\.(?:txt|in)$/i;
const requirementsFolder = /(?:^|\/)requirements\/[\w.-]+\.(?:txt|in)$/i;

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function isPythonManifest(path: string): boolean {
  const name = baseName(path);
  return (
    name === "pyproject.toml" ||
    name === "setup.cfg" ||
    name === "setup.py" ||
    name === "Pipfile" ||
    requirements.test(name) ||
    (requirementsFolder.test(path) && !/constraints?/i.test(name))
  );
}

/** Throws AppError("unprocessable") when nothing of it can be read. */
export function readPythonManifest(path: string, text: string): Manifest {
  switch (baseName(path)) {
    case "pyproject.toml":
      return readPyproject(path, text);
    case "setup.cfg":
      return readSetupCfg(path, text);
    case "setup.py":
      return readSetupPy(path, text);
    case "Pipfile":
      return readPipfile(path, text);
    default:
      return readRequirements(path, text);
  }
}
