import { expect, test } from "vitest";
import { AppError } from "@opentrace/contract/errors.ts";
import { language } from "./index.ts";

const read = (text: string) => language.readManifest("pkg/package.json", text);

test("package.json states its package and every kind of dependency with constraint and line", () => {
  const manifest = read(`{
  "name": "@acme/shop",
  "version": "1.2.3",
  "private": true,
  "workspaces": ["packages/*"],
  "scripts": { "zod": "not a dependency" },
  "dependencies": {
    "zod": "^4.0.0",
    "core": "workspace:*",
    "local": "file:../local",
    "alias": "npm:@real/name@~2.1",
    "shared": "catalog:"
  },
  "devDependencies": { "vitest": "5.x" },
  "peerDependencies": { "react": ">=18", "vue": "3" },
  "peerDependenciesMeta": { "vue": { "optional": true } },
  "optionalDependencies": { "fsevents": "2" }
}`);
  expect(manifest.package).toEqual({
    ecosystem: "npm",
    name: "@acme/shop",
    version: "1.2.3",
    props: { private: true, workspaces: ["packages/*"] },
  });
  expect(manifest.dependencies.map((d) => [d.package.name, d.constraint, d.kind, d.line])).toEqual([
    ["zod", "^4.0.0", "runtime", 8],
    ["core", "workspace:*", "runtime", 9],
    ["local", "file:../local", "runtime", 10],
    ["@real/name", "~2.1", "runtime", 11],
    ["shared", "catalog:", "runtime", 12],
    ["vitest", "5.x", "dev", 14],
    ["react", ">=18", "peer", 15],
    ["vue", "3", "optional", 15],
    ["fsevents", "2", "optional", 17],
  ]);
  expect(manifest.problems).toEqual([]);
});

test("wrong parts are named and the rest is read", () => {
  const manifest = read(
    `{ "name": 5, "version": ["1"], "dependencies": { "a": "1", "b": { "x": 1 }, "": "2" }, "devDependencies": ["c"] }`,
  );
  expect(manifest.package).toBeNull();
  expect(manifest.dependencies.map((d) => d.package.name)).toEqual(["a"]);
  expect(manifest.problems).toEqual([
    'pkg/package.json: the version of "b" in "dependencies" should be a string, not an object.',
    'pkg/package.json: "dependencies" states a dependency without a name.',
    'pkg/package.json: "devDependencies" should be an object of names and versions, not a list.',
    'pkg/package.json: "name" should be a non-empty string, not a number.',
  ]);
});

test("text that is no JSON object is refused with a sentence that names the file", () => {
  for (const text of ["", "{ broken", "[]", "null", '"text"']) {
    expect(() => read(text)).toThrow(AppError);
    expect(() => read(text)).toThrow(/pkg\/package\.json is not valid JSON/);
  }
});

test("only package.json is a manifest", () => {
  expect(
    ["package.json", "a/package.json", "package-lock.json", "a/mypackage.json", "pnpm-workspace.yaml"].map((p) =>
      language.isManifest(p),
    ),
  ).toEqual([true, true, false, false, false]);
});
