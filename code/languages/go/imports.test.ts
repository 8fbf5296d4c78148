// Where Go imports lead in a repository.
import { describe, expect, test } from "vitest";
import type { ImportResolver, ProjectFiles } from "../language.ts";
import { guessPackageName } from "./import-paths.ts";
import { createGoImportResolver } from "./imports.ts";

/** Files by path; folders list both the files and the folders directly below, as the indexer's listing does. */
function project(files: Record<string, string>): ProjectFiles {
  const folders = new Map<string, Set<string>>();
  for (const path of Object.keys(files)) {
    let at = path;
    while (at !== "") {
      const slash = at.lastIndexOf("/");
      const folder = slash < 0 ? "" : at.slice(0, slash);
      const held = folders.get(folder) ?? new Set();
      folders.set(folder, held.add(at));
      at = folder;
    }
  }
  return {
    has: (path) => path in files,
    list: (folder) => [...(folders.get(folder) ?? [])],
    config: (path) => files[path],
  };
}

const shop = project({
  "go.mod": `module github.com/acme/shop
require (
	github.com/lib/pq v1.0.0
	github.com/aws/sdk v1.0.0
	github.com/aws/sdk/s3 v1.0.0
	github.com/acme/base v0.0.0
)
replace github.com/acme/base => ./third/base
`,
  "main.go": "",
  "main_test.go": "",
  "cart/cart.go": "",
  "cart/cart_linux.go": "",
  "cart/cart_test.go": "",
  "cart/internal/price/price.go": "",
  "docs/readme.md": "",
  "tools/go.mod": "module github.com/acme/shop/tools\n",
  "tools/gen/gen.go": "",
  "third/base/go.mod": "module github.com/acme/base\n",
  "third/base/log/log.go": "",
  "old/vendor/x/x.go": "",
});

const at = (resolver: ImportResolver, from: string, specifier: string): unknown =>
  resolver.resolve(from, specifier, null);

describe("an import", () => {
  const resolver = createGoImportResolver(shop);

  test("of the module's own package leads to the folder's files without its tests", () => {
    expect(at(resolver, "main.go", "github.com/acme/shop/cart")).toEqual({
      is: "unit",
      folder: "cart",
      files: ["cart/cart.go", "cart/cart_linux.go"],
    });
    expect(at(resolver, "cart/cart.go", "github.com/acme/shop")).toMatchObject({ is: "unit", folder: "" });
    expect(at(resolver, "cart/cart.go", "github.com/acme/shop/cart/internal/price")).toMatchObject({ is: "unit" });
  });

  test("of a nested module leads into it, the longest module path first", () => {
    expect(at(resolver, "main.go", "github.com/acme/shop/tools/gen")).toMatchObject({
      is: "unit",
      folder: "tools/gen",
    });
    expect(at(resolver, "tools/gen/gen.go", "github.com/acme/shop/cart")).toMatchObject({ is: "unit", folder: "cart" });
  });

  test("of a module that is replaced by a folder leads into the folder", () => {
    expect(at(resolver, "main.go", "github.com/acme/base/log")).toMatchObject({ is: "unit", folder: "third/base/log" });
  });

  test("of the standard library and of C ships with Go", () => {
    expect(at(resolver, "main.go", "net/http")).toEqual({
      is: "external",
      package: { ecosystem: "go-std", name: "net/http" },
    });
    expect(at(resolver, "main.go", "C")).toEqual({ is: "external", package: { ecosystem: "go-std", name: "C" } });
  });

  test("from outside is the required module with the longest path, else the import path itself", () => {
    expect(at(resolver, "main.go", "github.com/lib/pq/oid")).toEqual({
      is: "external",
      package: { ecosystem: "go", name: "github.com/lib/pq" },
    });
    expect(at(resolver, "main.go", "github.com/aws/sdk/s3/types")).toMatchObject({
      package: { name: "github.com/aws/sdk/s3" },
    });
    expect(at(resolver, "main.go", "github.com/aws/sdkless")).toMatchObject({
      package: { name: "github.com/aws/sdkless" },
    });
  });

  test("of an own folder without Go files is unresolved, not external", () => {
    expect(at(resolver, "main.go", "github.com/acme/shop/docs")).toEqual({ is: "unresolved" });
    expect(at(resolver, "main.go", "github.com/acme/shop/generated")).toEqual({ is: "unresolved" });
  });

  test("may be relative, as in code before modules", () => {
    expect(at(resolver, "cart/cart.go", "./internal/price")).toMatchObject({ folder: "cart/internal/price" });
    expect(at(resolver, "main.go", "../elsewhere")).toEqual({ is: "unresolved" });
  });

  test("works in a module without dots in its path, as in Go's own source", () => {
    const std = createGoImportResolver(project({ "src/go.mod": "module std\n", "src/fmt/print.go": "" }));
    expect(at(std, "src/fmt/print.go", "io")).toMatchObject({ package: { ecosystem: "go-std" } });
    expect(at(std, "src/fmt/print.go", "fmt")).toMatchObject({ is: "unit", folder: "src/fmt" });
    expect(std.moduleName("src/fmt/print.go")).toBe("fmt");
    const own = createGoImportResolver(project({ "go.mod": "module shop\n", "cart/cart.go": "" }));
    expect(at(own, "cart/cart.go", "shop/cart")).toMatchObject({ is: "unit", folder: "cart" });
  });

  test("without any go.mod is told by its path alone", () => {
    const bare = createGoImportResolver(project({ "a.go": "" }));
    expect(at(bare, "a.go", "fmt")).toMatchObject({ package: { ecosystem: "go-std" } });
    expect(at(bare, "a.go", "github.com/x/y")).toMatchObject({ package: { ecosystem: "go", name: "github.com/x/y" } });
  });
});

test("a file's module name is its package's import path", () => {
  const resolver = createGoImportResolver(shop);
  expect(
    ["main.go", "cart/internal/price/price.go", "tools/gen/gen.go", "third/base/log/log.go"].map((path) =>
      resolver.moduleName(path),
    ),
  ).toEqual([
    "github.com/acme/shop",
    "github.com/acme/shop/cart/internal/price",
    "github.com/acme/shop/tools/gen",
    "github.com/acme/base/log",
  ]);
  expect(createGoImportResolver(project({ "a/a.go": "" })).moduleName("a/a.go")).toBeNull();
});

test.each([
  ["net/http", "http", true],
  ["github.com/acme/shop/v2", "shop", false],
  ["math/rand/v2", "rand", true],
  ["gopkg.in/yaml.v3", "yaml", false],
  ["k8s.io/klog/v2", "klog", false],
  ["github.com/mattn/go-sqlite3", "sqlite3", false],
  ["github.com/nats-io/nats.go", "nats", false],
  ["github.com/aws/aws-sdk-go", "sdk", false],
  ["github.com/prometheus/client_golang", "client_golang", true],
  ["v2", "v2", true],
  ["k8s.io/api/core/v1", "v1", true],
  ["github.com/json-iterator/go", "iterator", false],
])("%s is guessed to be package %s", (path, name, certain) => {
  expect(guessPackageName(path)).toEqual({ name, certain });
});

test("of several likely names the one that the file uses as a qualifier is taken", () => {
  const uses = (name: string) => name === "aws";
  expect(guessPackageName("github.com/aws/aws-sdk-go", uses)).toEqual({ name: "aws", certain: false });
  expect(guessPackageName("example.com/api/v2", (name) => name === "v2")).toEqual({ name: "v2", certain: false });
});
