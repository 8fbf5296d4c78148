// go.mod and go.work.
import { describe, expect, test } from "vitest";
import { AppError } from "@opentrace/contract/errors.ts";
import { language } from "./index.ts";

describe("go.mod", () => {
  const text = `// Deprecated: use v2
module "github.com/acme/shop" // the shop

go 1.26
toolchain go1.26.8

require github.com/acme/base v1.2.3
require (
	golang.org/x/sync v0.9.0 // indirect
	"github.com/quoted/dep" v0.1.0
	github.com/other/dep/v2 v2.0.0-20260101000000-abcdefabcdef // indirect; why
)
exclude github.com/bad/dep v1.0.0
replace (
	github.com/acme/base => ../base
	github.com/x/y v1.0.0 => github.com/fork/y v1.0.1
)
retract [v1.0.0, v1.1.0] // broken
tool golang.org/x/tools/cmd/stringer
godebug default=go1.21
ignore ./node_modules
`;

  test("states its dependencies with version, line and whether they are indirect", () => {
    expect(language.readManifest("go.mod", text).dependencies).toEqual([
      { package: { ecosystem: "go", name: "github.com/acme/base" }, constraint: "v1.2.3", kind: "runtime", line: 7 },
      { package: { ecosystem: "go", name: "golang.org/x/sync" }, constraint: "v0.9.0", kind: "indirect", line: 9 },
      { package: { ecosystem: "go", name: "github.com/quoted/dep" }, constraint: "v0.1.0", kind: "runtime", line: 10 },
      {
        package: { ecosystem: "go", name: "github.com/other/dep/v2" },
        constraint: "v2.0.0-20260101000000-abcdefabcdef",
        kind: "indirect",
        line: 11,
      },
    ]);
  });

  test("declares its module with toolchain, replacements, exclusions and retractions", () => {
    const manifest = language.readManifest("go.mod", text);
    expect(manifest.package).toEqual({
      ecosystem: "go",
      name: "github.com/acme/shop",
      props: {
        go: "1.26",
        toolchain: "go1.26.8",
        replace: ["github.com/acme/base => ../base", "github.com/x/y v1.0.0 => github.com/fork/y v1.0.1"],
        exclude: ["github.com/bad/dep v1.0.0"],
        retract: ["[v1.0.0, v1.1.0]"],
        tools: ["golang.org/x/tools/cmd/stringer"],
      },
    });
    expect(manifest.problems).toEqual([]);
  });

  test("what is broken is told by line and the rest stands", () => {
    const manifest = language.readManifest(
      "go.mod",
      "module a.com/b\nrequire github.com/x\nrequires x v1\nreplace a b\nrequire (\n\ta.com/c v1.0.0\r\n",
    );
    expect(manifest.dependencies.map((one) => one.package.name)).toEqual(["a.com/c"]);
    expect(manifest.problems).toEqual([
      "Line 2: `require` expects a module path and a version, found `github.com/x`.",
      "Line 3: `requires` is not a directive of go.mod or go.work.",
      "Line 4: `replace` expects `old [version] => new [version]`, found `a b`.",
      "The block `require (` is not closed with `)`.",
    ]);
  });

  test("without a module it says what to add", () => {
    expect(() => language.readManifest("go.mod", "go 1.26\n")).toThrow(
      new AppError(
        "unprocessable",
        "go.mod has no `module` directive: add the module's path, as in `module example.com/shop`.",
      ),
    );
  });
});

test("go.work states no package and no dependency, and is known by its directives", () => {
  expect(language.readManifest("go.work", "go 1.26\nuse (\n\t./a\n\t./b\n)\n")).toEqual({
    package: null,
    dependencies: [],
    problems: [],
  });
  expect(() => language.readManifest("go.work", "hello\n")).toThrow(/no Go workspace file/);
});

test("only go.mod and go.work are manifests", () => {
  expect(["go.mod", "go.work", "go.sum", "a.mod"].filter((name) => language.isManifest(name))).toEqual([
    "go.mod",
    "go.work",
  ]);
});
