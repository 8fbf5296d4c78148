// Go: source files, go.mod and go.work.
import type { Language } from "../language.ts";
import { linkImplements } from "./implements.ts";
import { summariseTypes } from "./type-summaries.ts";
import { createGoImportResolver } from "./imports.ts";
import { readGoManifest } from "./manifest.ts";
import { semantics } from "./semantics.ts";

export const language: Language = {
  name: "go",
  extensions: [".go"],
  isManifest: (path) => path === "go.mod" || path === "go.work",
  readManifest: readGoManifest,
  configFiles: ["go.mod", "go.work"],
  createImportResolver: createGoImportResolver,
  summarise: summariseTypes,
  link: linkImplements,
  semantics,
};
