// TypeScript and JavaScript: parsed by oxc, imports resolved as Node and TypeScript do, manifests are package.json.
import { AppError } from "@opentrace/contract/errors.ts";
import type { FileIr } from "../../ir.ts";
import type { Language } from "../language.ts";
import { createImportResolver } from "./imports/resolver.ts";
import { lowerProgram } from "./lowering/lower.ts";
import { readManifest } from "./manifest.ts";
import { parseSource } from "./parse.ts";
import { semantics } from "./semantics.ts";

function lower(source: string, path: string): FileIr {
  const language = /\.(?:[cm]?ts|tsx)$/.test(path) ? "typescript" : "javascript";
  try {
    return lowerProgram(source, parseSource(source, path), {
      language,
      module: path.endsWith(".mjs"),
      ambient: /\.d\.[cm]?ts$/.test(path),
    });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new AppError("unprocessable", `${path} is nested too deeply to be read.`, {
        cause: error,
        details: { path, reason: "nested_too_deeply" },
      });
    }
    throw error;
  }
}

export const language: Language = {
  name: "typescript",
  extensions: [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"],
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
  lower,
  createImportResolver,
  semantics,
};
