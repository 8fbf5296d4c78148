// TypeScript and JavaScript: parsed by oxc, imports resolved as Node and TypeScript do, manifests are package.json.
import type { Language } from "../language.ts";
import { dialectOf } from "./dialect.ts";
import { compilerConfigProblems } from "./imports/compiler-options.ts";
import { createImportResolver } from "./imports/resolver.ts";
import { readManifest } from "./manifest.ts";
import { semantics } from "./semantics.ts";

export const language: Language = {
  name: "typescript",
  extensions: [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"],
  dialectOf,
  isManifest: (path) => path === "package.json" || path.endsWith("/package.json"),
  readManifest,
  // Packages that share compiler options name their files freely; the usual names are listed.
  configFiles: [
    "package.json",
    "*tsconfig*.json",
    "jsconfig*.json",
    "base.json",
    "nextjs.json",
    "react-library.json",
    "library.json",
    "pnpm-workspace.yaml",
    "lerna.json",
  ],
  configProblems: compilerConfigProblems,
  createImportResolver,
  semantics,
};
