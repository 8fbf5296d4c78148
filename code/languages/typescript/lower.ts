// TypeScript and JavaScript source text → the language-neutral IR.
import { AppError } from "@opentrace/contract/errors.ts";
import type { FileIr } from "../../ir.ts";
import { dialectOf } from "./dialect.ts";
import { lowerProgram } from "./lowering/lower.ts";
import { parseSource } from "./parse.ts";

/** Throws AppError("unprocessable") with the reason when the file can't be read. */
export function lower(source: string, path: string): FileIr {
  try {
    return lowerProgram(source, parseSource(source, path), {
      language: dialectOf(path),
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
