import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const here = path.join(import.meta.dirname, "bundled-packages.mjs");
let temp: string;
beforeEach(() => void (temp = mkdtempSync(path.join(os.tmpdir(), "opentrace-bundles-"))));
afterEach(() => removeFolder(temp));

/** Installs a kysely of this version, and a bundle of that one; says which of them an import gives. */
function imported(version: string, bundled: string): string {
  const folder = path.join(temp, "node_modules");
  mkdirSync(path.join(folder, "kysely"), { recursive: true });
  mkdirSync(path.join(folder, ".opentrace"));
  const manifest = { name: "kysely", version, type: "module", exports: "./index.js" };
  writeFileSync(path.join(folder, "kysely", "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(folder, "kysely", "index.js"), `export const from = "package";`);
  writeFileSync(path.join(folder, ".opentrace", `kysely-${bundled}.mjs`), `export const from = "bundle";`);
  const script = path.join(temp, "script.mjs");
  writeFileSync(
    script,
    `import { useBundledPackages } from ${JSON.stringify(here)};
     useBundledPackages(${JSON.stringify(folder)});
     console.log((await import("kysely")).from);`,
  );
  return execFileSync(process.execPath, [script], { encoding: "utf8" }).trim();
}

describe("a package in one file", () => {
  it("is taken in place of the package of the same version", () => {
    expect(imported("1.2.3", "1.2.3")).toBe("bundle");
  });

  it("is left alone once another version is installed", () => {
    expect(imported("1.2.4", "1.2.3")).toBe("package");
  });

  it("says what the package says", async () => {
    const [bundled, plain] = JSON.parse(
      execFileSync(
        process.execPath,
        [
          "--input-type=module",
          "-e",
          `import { rolldown } from "rolldown";
           const bundle = await rolldown({ input: "kysely", platform: "node" });
           await bundle.write({ file: ${JSON.stringify(path.join(temp, "kysely.mjs"))}, format: "esm" });
           const names = async (from) => Object.keys(await import(from)).sort();
           console.log(JSON.stringify([await names(${JSON.stringify(path.join(temp, "kysely.mjs"))}), await names("kysely")]));`,
        ],
        { cwd: path.join(import.meta.dirname, ".."), encoding: "utf8" },
      ),
    ) as [string[], string[]];
    expect(plain.length).toBeGreaterThan(100);
    expect(bundled).toEqual(plain);
  });
});

describe("a source of ours", () => {
  const inProcess = (script: string): unknown =>
    JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: import.meta.dirname,
        encoding: "utf8",
      }),
    );
  const names = ["@opentrace/contract/errors.ts", "@opentrace/code/git/source.ts", "@opentrace/server/src/version.ts"];
  const resolved = `const urls = ${JSON.stringify(names)}.map((name) => import.meta.resolve(name));`;
  const use = `const { useBundledPackages } = await import(${JSON.stringify(here)}); useBundledPackages();`;

  it("is found where Node finds it", () => {
    const plain = inProcess(`${resolved} console.log(JSON.stringify(urls));`);
    expect(plain).toEqual(
      names.map((name) => expect.stringMatching(new RegExp(`${name.slice("@opentrace".length)}$`))),
    );
    expect(inProcess(`${use} ${resolved} console.log(JSON.stringify(urls));`)).toEqual(plain);
  });

  it("is one module, by whatever name it is imported", () => {
    const said = inProcess(
      `${use}
       const { AppError } = await import("@opentrace/contract/errors.ts");
       const { parseSource } = await import("@opentrace/code/git/source.ts");
       try { parseSource("", []); } catch (error) { console.log(JSON.stringify(error instanceof AppError)); }`,
    );
    expect(said).toBe(true);
  });

  it("that is not there is named", () => {
    const said = inProcess(
      `${use}
       import("@opentrace/contract/no-such-file.ts").catch((error) => console.log(JSON.stringify(error.message)));`,
    );
    expect(said).toContain("contract/no-such-file.ts");
  });
});
