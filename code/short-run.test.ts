import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parserFlags } from "./short-run.mjs";

const node = (flags: readonly string[], script: string): string =>
  execFileSync(process.execPath, [...flags, "--input-type=module", "-e", script], { encoding: "utf8" });
const tag = (flags: readonly string[]): string =>
  node(flags, `import v8 from "node:v8"; console.log(v8.cachedDataVersionTag());`);

describe("a process for one run", () => {
  it("has Node take the compiled form of its own modules where it parses", () => {
    expect(tag(["--max-opt=2"])).not.toBe(tag([]));
    expect(tag(parserFlags(192))).toBe(tag([]));
  });

  it("goes without V8's last compiler, and with the one before", () => {
    const module = JSON.stringify(path.join(import.meta.dirname, "short-run.mjs"));
    const compilers = (call: string): string[] => {
      const text = node(
        ["--trace-opt"],
        `import { leaveOutLastCompiler } from ${module};
         ${call}
         const sum = (n) => { let s = 0; for (let i = 0; i < n; i++) s = (s * 31 + i) % 1000003; return s; };
         for (let i = 0; i < 500; i++) sum(20000);`,
      );
      return [
        ...new Set([...text.matchAll(/completed compiling .*target (\w+)\)/g)].map(([, name = ""]) => name)),
      ].sort();
    };
    expect(compilers("")).toEqual(["MAGLEV", "TURBOFAN_JS"]);
    expect(compilers("leaveOutLastCompiler();")).toEqual(["MAGLEV"]);
  });
});
