import { describe, expect, test } from "vitest";
import type { ProjectFiles } from "../../language.ts";
import { createPythonImportResolver } from "./resolver.ts";

/** A project of these paths; those with a text are configuration. */
function project(files: Readonly<Record<string, string>> | readonly string[]): ProjectFiles {
  const texts = new Map(Array.isArray(files) ? files.map((path) => [path, ""]) : Object.entries(files));
  const children = new Map<string, Set<string>>();
  for (const path of texts.keys()) {
    for (let at = path; at !== "";) {
      const parent = at.includes("/") ? at.slice(0, at.lastIndexOf("/")) : "";
      const held = children.get(parent) ?? new Set();
      children.set(parent, held.add(at));
      at = parent;
    }
  }
  return {
    has: (path) => texts.has(path),
    list: (folder) => [...(children.get(folder) ?? [])].toSorted(),
    config: (path) => texts.get(path),
  };
}

/** Where it leads, in one text. */
function lead(
  files: Parameters<typeof project>[0],
  from: string,
  specifier: string,
  member: string | null = null,
): string {
  const target = createPythonImportResolver(project(files)).resolve(from, specifier, member);
  if (target.is === "file") return target.wholeModule === true ? `module ${target.path}` : target.path;
  if (target.is === "external") return `${target.package.ecosystem}:${target.package.name}`;
  return target.is === "unit" ? `folder ${target.folder}` : "unresolved";
}

const shop = [
  "shop/__init__.py",
  "shop/pay.py",
  "shop/db/__init__.py",
  "shop/db/models.py",
  "tests/test_pay.py",
  "tests/tools.py",
];

test.each([
  ["shop/pay.py", "shop", null, "shop/__init__.py"],
  ["tests/test_pay.py", "shop.db.models", null, "shop/db/models.py"],
  ["tests/test_pay.py", "shop.db", "models", "module shop/db/models.py"],
  ["tests/test_pay.py", "shop.db", "connect", "shop/db/__init__.py"],
  ["tests/test_pay.py", "tools", null, "tests/tools.py"],
  ["shop/pay.py", ".", "db", "module shop/db/__init__.py"],
  ["shop/pay.py", ".", "Name", "shop/__init__.py"],
  ["shop/pay.py", ".db.models", "User", "shop/db/models.py"],
  ["shop/db/models.py", "..pay", "charge", "shop/pay.py"],
  ["shop/db/__init__.py", ".models", "User", "shop/db/models.py"],
  ["shop/db/models.py", "...pay", "charge", "unresolved"],
  ["shop/pay.py", ".nowhere", null, "unresolved"],
  ["shop/pay.py", "....x", null, "unresolved"],
  ["shop/pay.py", "shop.generated", null, "unresolved"],
])("in %s, `%s` with member %s leads to %s", (from, specifier, member, expected) => {
  expect(lead(shop, from, specifier, member)).toBe(expected);
});

test("what no file of the repository is comes with Python or from PyPI, under its distribution's name", () => {
  expect(lead(shop, "shop/pay.py", "os.path", "join")).toBe("python:os");
  expect(lead(shop, "shop/pay.py", "tomllib")).toBe("python:tomllib");
  expect(lead(shop, "shop/pay.py", "urllib2")).toBe("python:urllib2");
  expect(lead(shop, "shop/pay.py", "yaml")).toBe("pypi:pyyaml");
  expect(lead(shop, "shop/pay.py", "PIL", "Image")).toBe("pypi:pillow");
  expect(lead(shop, "shop/pay.py", "google.cloud", "storage")).toBe("pypi:google-cloud-storage");
  expect(lead(shop, "shop/pay.py", "Some_Package.sub")).toBe("pypi:some-package");
  expect(lead(shop, "shop/pay.py", "constructor")).toBe("pypi:constructor");
});

describe("a name that ships with Python", () => {
  test("is ours only where a file is reachable as a top-level module", () => {
    const files = ["shop/__init__.py", "shop/logging.py", "shop/pay.py", "scripts/types.py", "scripts/run.py"];
    expect(lead(files, "shop/pay.py", "logging")).toBe("python:logging");
    expect(lead(files, "scripts/run.py", "types")).toBe("scripts/types.py");
    expect(lead(files, "shop/pay.py", "types")).toBe("python:types");
  });

  test("is not hidden by a neighbour in a namespace package, nor by a module that imports its namesake", () => {
    const files = { "pyproject.toml": "", "src/acme/cloud/types.py": "", "src/acme/cloud/run.py": "", "json.py": "" };
    expect(lead(files, "src/acme/cloud/run.py", "types")).toBe("python:types");
    expect(lead(files, "json.py", "json")).toBe("python:json");
  });
});

describe("roots", () => {
  test("are what a project states: setuptools, poetry, setup.cfg", () => {
    const stated: [string, string][] = [
      ["pyproject.toml", '[tool.setuptools]\npackage-dir = {"" = "code"}'],
      ["pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["code"]'],
      ["pyproject.toml", '[tool.poetry]\npackages = [{include = "acme", from = "code"}]'],
      ["setup.cfg", "[options]\npackage_dir =\n    = code\n"],
      ["setup.cfg", "[options.packages.find]\nwhere = code\n"],
    ];
    for (const [name, text] of stated) {
      const files = { [name]: text, "code/acme/core.py": "", "tests/test_core.py": "" };
      expect(lead(files, "tests/test_core.py", "acme.core"), text).toBe("code/acme/core.py");
    }
  });

  test("are `src` by custom, in each project of a repository, the nearest first", () => {
    const files = [
      "a/pyproject.toml",
      "a/src/core/__init__.py",
      "a/tests/t.py",
      "b/pyproject.toml",
      "b/src/core/__init__.py",
      "b/tests/t.py",
      "c/x.py",
    ];
    expect(lead(files, "a/tests/t.py", "core")).toBe("a/src/core/__init__.py");
    expect(lead(files, "b/tests/t.py", "core")).toBe("b/src/core/__init__.py");
  });

  test("of other projects serve packages that are not found nearer", () => {
    const files = ["libs/money/src/money/__init__.py", "libs/money/pyproject.toml", "services/shop/main.py"];
    expect(lead(files, "services/shop/main.py", "money")).toBe("libs/money/src/money/__init__.py");
  });

  test("do not lend loose modules to unrelated folders", () => {
    expect(lead(["a/helpers.py", "b/main.py"], "b/main.py", "helpers")).toBe("pypi:helpers");
  });

  test("hold namespace packages", () => {
    const files = ["ns/a/one.py", "ns/b/two.py"];
    expect(lead(files, "ns/a/one.py", "ns.b.two")).toBe("ns/b/two.py");
    expect(lead(files, "ns/a/one.py", "ns.b", "two")).toBe("module ns/b/two.py");
    expect(lead([...files, "docs/x.md"], "ns/a/one.py", "docs")).toBe("pypi:docs");
  });
});

test("a source file wins over its stub, and a stub stands where there is no source", () => {
  expect(lead(["a.py", "a.pyi", "b.pyi", "m.py"], "m.py", "a")).toBe("a.py");
  expect(lead(["a.py", "a.pyi", "b.pyi", "m.py"], "m.py", "b")).toBe("b.pyi");
});

test("a module's name counts from its root", () => {
  const resolver = createPythonImportResolver(
    project([
      "pyproject.toml",
      "src/acme/cloud/run.py",
      "django/__init__.py",
      "django/db/__init__.py",
      "django/db/base.py",
      "tests/my-script.py",
    ]),
  );
  expect(resolver.moduleName("src/acme/cloud/run.py")).toBe("acme.cloud.run");
  expect(resolver.moduleName("django/db/__init__.py")).toBe("django.db");
  expect(resolver.moduleName("django/db/base.py")).toBe("django.db.base");
  expect(resolver.moduleName("tests/my-script.py")).toBeNull();
});

test("a broken configuration states no roots and breaks nothing", () => {
  expect(lead({ "pyproject.toml": "[tool", "src/a/__init__.py": "", "m.py": "" }, "m.py", "a")).toBe(
    "src/a/__init__.py",
  );
});
