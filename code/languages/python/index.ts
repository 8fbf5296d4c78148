// Python: source files and stubs; pyproject.toml, requirements, setup.cfg, setup.py and Pipfile.
import type { Language } from "../language.ts";
import { createPythonImportResolver } from "./imports/resolver.ts";
import { isPythonManifest, readPythonManifest } from "./manifests/manifest.ts";
import { semantics } from "./semantics.ts";

export const language: Language = {
  name: "python",
  extensions: [".py", ".pyi", ".pyw"],
  isManifest: isPythonManifest,
  readManifest: readPythonManifest,
  configFiles: ["pyproject.toml", "setup.cfg"],
  createImportResolver: createPythonImportResolver,
  semantics,
};
