import { expect, test } from "vitest";
import { readSetupPy } from "./setup-py.ts";

const stated = (text: string): string[] =>
  readSetupPy("setup.py", text).dependencies.map(
    ({ kind, package: { name }, constraint, line }) => `${kind} ${name} ${constraint} @${line}`,
  );

test("what names and sums of lists stand for is read, each requirement with its own line", () => {
  const text = `import setuptools
base = [
    "requests>=2,<3",
    "attrs",
]
if __name__ == "__main__":
    setuptools.setup(
        name="Acme.Shop",
        version="1.2",
        description="Sells",
        python_requires=">=3.9",
        install_requires=base + ["click ~= 8.0"],
        setup_requires=("wheel",),
        tests_require="""
            pytest
            coverage[toml]>=7
        """,
        extras_require={"cli": ["rich"], "all": base},
    )
`;
  expect(readSetupPy("setup.py", text).package).toEqual({
    ecosystem: "pypi",
    name: "acme-shop",
    version: "1.2",
    props: { description: "Sells", requiresPython: ">=3.9" },
  });
  expect(stated(text)).toEqual([
    "runtime requests >=2,<3 @3",
    "runtime attrs  @4",
    "runtime click ~= 8.0 @12",
    "build wheel  @13",
    "dev pytest  @14",
    "dev coverage >=7 @14",
    "optional rich  @18",
    "optional requests >=2,<3 @3",
    "optional attrs  @4",
  ]);
  expect(readSetupPy("setup.py", text).problems).toEqual([]);
});

test("arguments kept in a dict of the file are read through its spread", () => {
  const literal = 'options = {"name": "shop", "install_requires": ["flask"]}\nsetup(**options)\n';
  const called = 'options = dict(name="shop", install_requires=["flask"])\nsetup(**options)\n';
  for (const text of [literal, called]) {
    expect(readSetupPy("setup.py", text).package?.name).toBe("shop");
    expect(stated(text)).toEqual(["runtime flask  @1"]);
  }
});

test("what only a run would tell is named, and the rest of the list stands", () => {
  const text = `from setuptools import setup
setup(name=read("NAME"), install_requires=["flask", *read_lines("more.txt")], extras_require=make_extras())
`;
  const manifest = readSetupPy("lib/setup.py", text);
  expect(manifest.package).toBeNull();
  expect(stated(text)).toEqual(["runtime flask  @2"]);
  expect(manifest.problems).toEqual([
    "lib/setup.py: part of install_requires is made when the file runs, and is not known without running it",
    "lib/setup.py: part of extras_require is made when the file runs, and is not known without running it",
  ]);
});

test("a text that is no requirement is named with its line; the others are kept", () => {
  const text = 'setup(install_requires=["flask", "not a requirement", "click"])\n';
  expect(stated(text)).toEqual(["runtime flask  @1", "runtime click  @1"]);
  expect(readSetupPy("setup.py", text).problems).toEqual([
    'setup.py line 1: "not a requirement" in install_requires is no requirement',
  ]);
});

test("a list that is built of itself ends", () => {
  expect(stated("wanted = wanted + ['flask']\nsetup(install_requires=wanted)\n")).toContain("runtime flask  @1");
});

test("a file without a call of setup states nothing", () => {
  expect(readSetupPy("setup.py", "import os\nprint(os.name)\n")).toEqual({
    package: null,
    dependencies: [],
    problems: [],
  });
});
