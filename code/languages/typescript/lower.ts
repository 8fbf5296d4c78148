// TypeScript and JavaScript source text → the language-neutral IR.
import { AppError } from "@opentrace/contract/errors.ts";
import type { FileIr } from "../../ir.ts";
import { lowerProgram } from "./lowering/lower.ts";
import { parseSource } from "./parse.ts";

/** Throws AppError("unprocessable") with the reason when the file can't be read. */
export function lower(source: string, path: string): FileIr {
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
