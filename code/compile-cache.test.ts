import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { removeFolder } from "./testing/remove-folder.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const module = path.join(import.meta.dirname, "compile-cache.mjs");
let temp: string;
beforeEach(() => void (temp = mkdtempSync(path.join(os.tmpdir(), "opentrace-cache-"))));
afterEach(() => removeFolder(temp));

interface Kept {
  dir: string | null;
  forChild: string | null;
  /** Node loaded what strips types. */
  hasStripped: boolean;
}

/** In a process of its own: what is switched on stays on. */
const inProcess = (env: Record<string, string> = {}): Kept =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { keepCompiled, compileCacheFolder } = await import(${JSON.stringify(module)});
         const { getCompileCacheDir } = await import("node:module");
         keepCompiled();
         await import(${JSON.stringify(path.join(import.meta.dirname, "decode-source.ts"))});
         const hasStripped = process.moduleLoadList.some((name) => name.includes("amaro"));
         console.log(JSON.stringify({ dir: getCompileCacheDir() ?? null, forChild: compileCacheFolder(), hasStripped }));`,
      ],
      { env: { PATH: process.env["PATH"], TMPDIR: temp, ...env }, encoding: "utf8" },
    ),
  ) as Kept;
const folder = (): string => path.join(temp, `opentrace-compiled-${process.getuid?.()}`);

describe("what Node compiled", () => {
  it("is kept in a folder of the user's own, which children are told of", () => {
    const { dir, forChild } = inProcess();
    expect(forChild).toBe(folder());
    expect(path.dirname(dir ?? "")).toBe(folder());
    expect(readdirSync(dir ?? "").length).toBeGreaterThan(0);
  });

  it("spares a second start the compiler that strips types", () => {
    expect(inProcess().hasStripped).toBe(true);
    expect(inProcess().hasStripped).toBe(false);
  });

  it("is not kept where others can write: it would be run", () => {
    mkdirSync(folder());
    chmodSync(folder(), 0o777);
    expect(inProcess()).toEqual({ dir: null, forChild: null, hasStripped: true });
    expect(readdirSync(folder())).toEqual([]);
  });

  it("is kept where the operator says", () => {
    const chosen = path.join(temp, "chosen");
    const { dir, forChild } = inProcess({ NODE_COMPILE_CACHE: chosen });
    expect(path.dirname(dir ?? "")).toBe(chosen);
    expect(forChild).toBe(chosen);
  });
});
