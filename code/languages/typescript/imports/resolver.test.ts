import { describe, expect, test } from "vitest";
import { countWork } from "@opentrace/contract/testing/count-work.ts";
import type { ImportTarget, ProjectFiles } from "../../language.ts";
import { createImportResolver } from "./resolver.ts";

/** A repository from an object literal: path → text. */
function project(files: Record<string, string | object>): ProjectFiles {
  const texts = new Map(Object.entries(files).map(([p, t]) => [p, typeof t === "string" ? t : JSON.stringify(t)]));
  const children = new Map<string, Set<string>>();
  for (const path of texts.keys()) {
    for (let at = path; at !== "";) {
      const parent = at.includes("/") ? at.slice(0, at.lastIndexOf("/")) : "";
      const set = children.get(parent) ?? new Set();
      children.set(parent, set.add(at));
      at = parent;
    }
  }
  return {
    has: (path) => texts.has(path),
    list: (folder) => [...(children.get(folder) ?? [])],
    config: (path) => texts.get(path),
  };
}

function show(target: ImportTarget): string {
  if (target.is === "file") return target.path;
  return target.is === "external" ? `${target.package.ecosystem}/${target.package.name}` : target.is;
}

function resolving(files: Record<string, string | object>): (from: string, specifier: string) => string {
  const resolver = createImportResolver(project(files));
  return (from, specifier) => show(resolver.resolve(from, specifier, null));
}

describe("relative imports", () => {
  const to = resolving({
    "src/a.ts": "",
    "src/b.tsx": "",
    "src/c.js": "",
    "src/c.ts": "",
    "src/m.mts": "",
    "src/k.cts": "",
    "src/types.d.ts": "",
    "src/both.d.ts": "",
    "src/both.js": "",
    "src/data.json": "{}",
    "src/dir/index.tsx": "",
    "src/entry/package.json": { main: "./lib/start.js" },
    "src/entry/lib/start.js": "",
    "src/view.vue": "",
    "src/dir.ts": "",
    "index.js": "",
    "style.css": "",
  });

  test("try the extensions of both languages", () => {
    expect(to("src/a.ts", "./b")).toBe("src/b.tsx");
    expect(to("src/a.ts", "./types")).toBe("src/types.d.ts");
    expect(to("src/a.ts", "./data.json")).toBe("src/data.json");
    expect(to("src/a.ts", "./data")).toBe("src/data.json");
    expect(to("src/a.ts", "./view")).toBe("src/view.vue");
    expect(to("src/a.ts", "../style.css")).toBe("style.css");
  });

  test("with a JavaScript extension mean the TypeScript source", () => {
    expect(to("src/a.ts", "./b.js")).toBe("src/b.tsx");
    expect(to("src/a.ts", "./m.mjs")).toBe("src/m.mts");
    expect(to("src/a.ts", "./k.cjs")).toBe("src/k.cts");
    expect(to("src/a.ts", "./c.js")).toBe("src/c.ts");
    expect(to("src/x.js", "./c.js")).toBe("src/c.js");
  });

  test("prefer an implementation to its declaration", () => {
    expect(to("src/a.ts", "./both")).toBe("src/both.js");
    expect(to("src/a.ts", "./both.js")).toBe("src/both.js");
  });

  test("lead into folders by package.json or index", () => {
    expect(to("src/a.ts", "./dir")).toBe("src/dir.ts");
    expect(to("src/a.ts", "./dir/")).toBe("src/dir/index.tsx");
    expect(to("src/a.ts", "./entry")).toBe("src/entry/lib/start.js");
    expect(to("src/a.ts", "..")).toBe("index.js");
    expect(to("src/dir/index.tsx", ".")).toBe("src/dir/index.tsx");
  });

  test("drop loaders and queries", () => {
    expect(to("src/a.ts", "./data.json?raw")).toBe("src/data.json");
    expect(to("src/a.ts", "raw-loader!./data.json")).toBe("src/data.json");
  });

  test("that lead nowhere, or out of the repository, stay unresolved", () => {
    expect(to("src/a.ts", "./nothing")).toBe("unresolved");
    expect(to("src/a.ts", "../../../b")).toBe("unresolved");
    expect(to("src/a.ts", "")).toBe("unresolved");
  });
});

test("Node's built-ins are told from packages", () => {
  const to = resolving({ "a.ts": "", "package.json": {} });
  expect(to("a.ts", "fs")).toBe("node/fs");
  expect(to("a.ts", "node:fs/promises")).toBe("node/fs");
  expect(to("a.ts", "node:test")).toBe("node/test");
  expect(to("a.ts", "test")).toBe("npm/test");
  expect(to("a.ts", "@scope/pkg/deep/file.js")).toBe("npm/@scope/pkg");
  expect(to("a.ts", "lodash/fp")).toBe("npm/lodash");
  expect(to("a.ts", "bun:test")).toBe("bun/test");
  expect(to("a.ts", "https://example.com/x.js")).toBe("unresolved");
});

describe("compiler options", () => {
  test("paths: exact before wildcard, the longest prefix first, several targets in order", () => {
    const to = resolving({
      "tsconfig.json": `{
        // comments, and trailing commas
        "compilerOptions": { "baseUrl": "./src", "paths": {
          "@/*": ["*"], "@/ui/*": ["components/*", "legacy/*",], "config": ["settings/index.ts"], /* last */
        }, },
      }`,
      "src/main.ts": "",
      "src/components/button.tsx": "",
      "src/legacy/menu.ts": "",
      "src/settings/index.ts": "",
      "src/store/index.ts": "",
    });
    expect(to("src/main.ts", "@/main")).toBe("src/main.ts");
    expect(to("src/main.ts", "@/ui/button")).toBe("src/components/button.tsx");
    expect(to("src/main.ts", "@/ui/menu")).toBe("src/legacy/menu.ts");
    expect(to("src/main.ts", "config")).toBe("src/settings/index.ts");
    expect(to("src/main.ts", "store")).toBe("src/store/index.ts");
    expect(to("src/main.ts", "@/nowhere")).toBe("unresolved");
  });

  test("extends: relative without extension, lists, packages of the workspace; paths stay relative to their file", () => {
    const to = resolving({
      "package.json": { workspaces: ["packages/*"] },
      "packages/tsconfig/package.json": { name: "@acme/tsconfig" },
      "packages/tsconfig/base.json": { compilerOptions: { strict: true, paths: { "@config/*": ["./shared/*"] } } },
      "packages/tsconfig/shared/x.ts": "",
      "packages/app/package.json": { name: "app" },
      "packages/app/tsconfig.json": { extends: ["@acme/tsconfig/base.json"] },
      "packages/app/a.ts": "",
      "packages/lib/package.json": { name: "lib" },
      "packages/lib/tsconfig.json": { extends: "./config/tsconfig.base" },
      "packages/lib/config/tsconfig.base.json": { compilerOptions: { baseUrl: "../src" } },
      "packages/lib/src/deep/y.ts": "",
      "packages/lib/src/b.ts": "",
    });
    expect(to("packages/app/a.ts", "@config/x")).toBe("packages/tsconfig/shared/x.ts");
    expect(to("packages/lib/src/b.ts", "deep/y")).toBe("packages/lib/src/deep/y.ts");
  });

  test("a solution file's references in the same folder speak for its files", () => {
    const to = resolving({
      "tsconfig.json": { files: [], references: [{ path: "./tsconfig.app.json" }, { path: "./tsconfig.node.json" }] },
      "tsconfig.app.json": { compilerOptions: { paths: { "~/*": ["./app/*"] } } },
      "tsconfig.node.json": {},
      "app/routes/home.tsx": "",
      "app/root.tsx": "",
    });
    expect(to("app/root.tsx", "~/routes/home")).toBe("app/routes/home.tsx");
  });

  test("rootDirs join folders, ${configDir} is the extending file's folder", () => {
    const to = resolving({
      "base.json": { compilerOptions: { paths: { "$/*": ["${configDir}/src/*"] } } },
      "web/tsconfig.json": { extends: "../base.json", compilerOptions: { rootDirs: ["src", "generated"] } },
      "web/src/a.ts": "",
      "web/generated/b.ts": "",
    });
    expect(to("web/src/a.ts", "./b")).toBe("web/generated/b.ts");
    expect(to("web/src/a.ts", "$/a")).toBe("web/src/a.ts");
  });

  test("circular extends and broken files are survived", () => {
    const to = resolving({
      "tsconfig.json": { extends: "./tsconfig.other.json", references: [{ path: "." }] },
      "tsconfig.other.json": { extends: "./tsconfig.json" },
      "sub/tsconfig.json": "{ broken",
      "sub/a.ts": "",
      "sub/b.ts": "",
    });
    expect(to("sub/a.ts", "./b")).toBe("sub/b.ts");
    expect(to("sub/a.ts", "b")).toBe("npm/b");
  });
});

describe("monorepos", () => {
  test("npm and yarn workspaces: built entry points lead back to the source", () => {
    const to = resolving({
      "package.json": { name: "root", workspaces: { packages: ["packages/*", "!packages/old"] } },
      "packages/core/package.json": {
        name: "@acme/core",
        main: "./dist/cjs/index.js",
        types: "./dist/types/index.d.ts",
        exports: {
          ".": { types: "./dist/types/index.d.ts", import: "./dist/esm/index.mjs", require: "./dist/cjs/index.js" },
          "./utils/*": "./dist/esm/utils/*.mjs",
          "./package.json": "./package.json",
        },
      },
      "packages/core/src/index.ts": "",
      "packages/core/src/utils/text.ts": "",
      "packages/plain/package.json": { name: "plain", main: "lib/main.js" },
      "packages/plain/lib/main.js": "",
      "packages/plain/lib/extra.js": "",
      "packages/noentry/package.json": { name: "noentry" },
      "packages/noentry/src/index.tsx": "",
      "packages/old/package.json": { name: "old" },
      "packages/old/index.js": "",
      "packages/app/package.json": { name: "app" },
      "packages/app/src/a.ts": "",
    });
    const from = "packages/app/src/a.ts";
    expect(to(from, "@acme/core")).toBe("packages/core/src/index.ts");
    expect(to(from, "@acme/core/utils/text")).toBe("packages/core/src/utils/text.ts");
    expect(to(from, "@acme/core/package.json")).toBe("packages/core/package.json");
    expect(to(from, "plain")).toBe("packages/plain/lib/main.js");
    expect(to(from, "plain/lib/extra")).toBe("packages/plain/lib/extra.js");
    expect(to(from, "noentry")).toBe("packages/noentry/src/index.tsx");
    expect(to(from, "old")).toBe("npm/old");
    expect(to(from, "app")).toBe("unresolved");
  });

  test("pnpm workspaces, nested folders, a catalog beside them", () => {
    const to = resolving({
      "pnpm-workspace.yaml":
        "packages:\n  - 'apps/**'\n  - \"libs/{a,b}\"\n  - '!**/fixtures/**'\ncatalog:\n  zod: ^4\n",
      "package.json": {},
      "apps/shop/web/package.json": { name: "web", dependencies: { "@x/a": "workspace:*", zod: "catalog:" } },
      "apps/shop/web/main.ts": "",
      "apps/shop/fixtures/fake/package.json": { name: "zod" },
      "apps/shop/fixtures/fake/index.js": "",
      "libs/a/package.json": { name: "@x/a", exports: { ".": { source: "./source.ts", default: "./dist/index.js" } } },
      "libs/a/source.ts": "",
      "libs/c/package.json": { name: "@x/c" },
      "libs/c/index.ts": "",
    });
    expect(to("apps/shop/web/main.ts", "@x/a")).toBe("libs/a/source.ts");
    expect(to("apps/shop/web/main.ts", "@x/c")).toBe("npm/@x/c");
    expect(to("apps/shop/web/main.ts", "zod")).toBe("npm/zod");
  });

  test("outDir and rootDir of the package's own compiler options lead from output to source", () => {
    const to = resolving({
      "package.json": { workspaces: ["p/*"] },
      "p/tool/package.json": { name: "tool", main: "./compiled/run/start.js" },
      "p/tool/tsconfig.json": { compilerOptions: { outDir: "./compiled", rootDir: "./code" } },
      "p/tool/code/run/start.ts": "",
      "p/user/package.json": { name: "user" },
      "p/user/x.ts": "",
    });
    expect(to("p/user/x.ts", "tool")).toBe("p/tool/code/run/start.ts");
  });

  test("the innermost workspace decides between members of one name", () => {
    const to = resolving({
      "package.json": { workspaces: ["packages/*"] },
      "packages/ui/package.json": { name: "ui" },
      "packages/ui/index.ts": "",
      "packages/a/package.json": { name: "a" },
      "packages/a/x.ts": "",
      "examples/package.json": { workspaces: ["*"] },
      "examples/ui/package.json": { name: "ui" },
      "examples/ui/index.ts": "",
      "examples/one/package.json": { name: "one" },
      "examples/one/x.ts": "",
    });
    expect(to("packages/a/x.ts", "ui")).toBe("packages/ui/index.ts");
    expect(to("examples/one/x.ts", "ui")).toBe("examples/ui/index.ts");
  });

  test("imports maps, self-reference, file: and npm: dependencies", () => {
    const to = resolving({
      "package.json": {
        name: "me",
        exports: {
          ".": "./build/index.js",
          "./feature": { browser: "./src/feature.browser.ts", default: "./src/feature.ts" },
        },
        imports: {
          "#db": { node: "./src/db/node.js", default: "./src/db/web.js" },
          "#lib/*": "./src/lib/*.js",
          "#dep": "left-pad",
        },
        dependencies: { other: "file:../other", neighbour: "file:./vendor/neighbour", alias: "npm:real-name@^2" },
      },
      "src/index.ts": "",
      "src/feature.ts": "",
      "src/db/node.ts": "",
      "src/lib/tool.ts": "",
      "vendor/neighbour/package.json": { name: "neighbour", main: "go.js" },
      "vendor/neighbour/go.js": "",
      "test/a.ts": "",
    });
    expect(to("test/a.ts", "me")).toBe("src/index.ts");
    expect(to("test/a.ts", "me/feature")).toBe("src/feature.ts");
    expect(to("test/a.ts", "#db")).toBe("src/db/node.ts");
    expect(to("test/a.ts", "#lib/tool")).toBe("src/lib/tool.ts");
    expect(to("test/a.ts", "#dep")).toBe("npm/left-pad");
    expect(to("test/a.ts", "#nothing")).toBe("unresolved");
    expect(to("test/a.ts", "neighbour")).toBe("vendor/neighbour/go.js");
    expect(to("test/a.ts", "alias/sub")).toBe("npm/real-name");
  });

  test("paths that lead to a package's folder use its manifest", () => {
    const to = resolving({
      "tsconfig.base.json": { compilerOptions: { paths: { "@org/*": ["libs/*"], "@built/x": ["dist/libs/x"] } } },
      "libs/one/package.json": { name: "@org/one", main: "dist/index.js" },
      "libs/one/src/index.ts": "",
      "apps/a.ts": "",
    });
    expect(to("apps/a.ts", "@org/one")).toBe("libs/one/src/index.ts");
  });

  test("bundler conventions count only where a file is there", () => {
    const to = resolving({
      "web/package.json": { dependencies: { src: "1" } },
      "web/src/api.ts": "",
      "web/app/deep/page.tsx": "",
      "web/src/lib/store.ts": "",
    });
    expect(to("web/app/deep/page.tsx", "@/api")).toBe("web/src/api.ts");
    expect(to("web/app/deep/page.tsx", "$lib/store")).toBe("web/src/lib/store.ts");
    expect(to("web/app/deep/page.tsx", "app/deep/page")).toBe("web/app/deep/page.tsx");
    expect(to("web/app/deep/page.tsx", "src/api")).toBe("npm/src");
    expect(to("web/app/deep/page.tsx", "@/missing")).toBe("unresolved");
  });
});

test("the work of an import does not grow with the number of files or of packages", () => {
  const workOfEach = (packages: number, filesOfEach: number): number => {
    const files: Record<string, string | object> = {
      "package.json": { workspaces: ["packages/*"] },
      "tsconfig.json": { compilerOptions: { paths: { "@/*": ["packages/*"] } } },
    };
    for (let p = 0; p < packages; p++) {
      files[`packages/p${p}/package.json`] = { name: `@m/p${p}`, main: "dist/index.js" };
      for (let f = 0; f < filesOfEach; f++) files[`packages/p${p}/src/f${f}.ts`] = "";
      files[`packages/p${p}/src/index.ts`] = "";
    }
    const to = resolving(files);
    let found = 0;
    const all = (): void => {
      for (let p = 0; p < packages; p++) {
        for (let f = 0; f < filesOfEach; f++) {
          const from = `packages/p${p}/src/f${f}.ts`;
          for (let i = 0; i < 7; i++) if (to(from, `./f${(f + i) % filesOfEach}.js`) !== "unresolved") found++;
          for (const other of [`@m/p${(p + f) % packages}`, "node:fs", `@/p${f % packages}/src/f${f}`])
            if (to(from, other) !== "unresolved") found++;
        }
      }
    };
    const work = countWork(all);
    expect(found).toBe(packages * filesOfEach * 10);
    return work / found;
  };
  workOfEach(2, 2);
  expect(workOfEach(30, 100)).toBeLessThan(1.3 * workOfEach(6, 20));
});
