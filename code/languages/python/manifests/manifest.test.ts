import { AppError } from "@opentrace/contract/errors.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isPythonManifest, readPythonManifest } from "./manifest.ts";

/** Dependencies as `kind name constraint @line`. */
function stated(path: string, text: string): string[] {
  return readPythonManifest(path, text).dependencies.map(
    ({ kind, package: { name }, constraint, line }) => `${kind} ${name} ${constraint} @${line}`,
  );
}

test("manifests are known by name, wherever they lie", () => {
  for (const path of [
    "pyproject.toml",
    "a/setup.py",
    "setup.cfg",
    "Pipfile",
    "requirements.txt",
    "dev-requirements.txt",
    "requirements-test.txt",
    "requirements/base.txt",
    "requirements.in",
  ]) {
    expect(isPythonManifest(path), path).toBe(true);
  }
  for (const path of [
    "constraints.txt",
    "requirements/constraints.txt",
    "notes.txt",
    "my_setup.py",
    "requirements.md",
  ]) {
    expect(isPythonManifest(path), path).toBe(false);
  }
});

test("pyproject.toml states a package, its dependencies by kind, and where", () => {
  const text = `[build-system]
requires = ["hatchling>=1"]

[project]
name = "Acme_Pay"
version = "1.2"
requires-python = ">=3.10"
dependencies = [
  "requests[socks] >=2,<3 ; python_version < '4'",
  "Zope.Interface",
  "tool @ https://example.com/tool.whl",
]

[project.optional-dependencies]
fast = ["orjson==3.*"]

[dependency-groups]
test = ["pytest~=8.0", {include-group = "lint"}]
lint = ["ruff"]
`;
  const manifest = readPythonManifest("pyproject.toml", text);
  expect(manifest.package).toEqual({
    ecosystem: "pypi",
    name: "acme-pay",
    version: "1.2",
    props: { requiresPython: ">=3.10" },
  });
  expect(manifest.problems).toEqual([]);
  expect(stated("pyproject.toml", text)).toEqual([
    "runtime requests >=2,<3 @9",
    "runtime zope-interface  @10",
    "runtime tool @ https://example.com/tool.whl @11",
    "optional orjson ==3.* @15",
    "dev pytest ~=8.0 @18",
    "dev ruff  @19",
    "build hatchling >=1 @2",
  ]);
});

test("poetry's tables are read, groups and extras included", () => {
  const text = `[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
python = "^3.9"
django = "^4.2"
redis = {version = ">=4", optional = true}
local = {git = "https://example.com/local.git", rev = "x"}
multi = [{version = "1", python = "<3"}, {version = "2"}]
[tool.poetry.group.dev.dependencies]
black = "*"
`;
  expect(stated("pyproject.toml", text)).toEqual([
    "runtime django ^4.2 @5",
    "optional redis >=4 @6",
    "runtime local @ https://example.com/local.git @7",
    "runtime multi 1 || 2 @8",
    "dev black * @10",
  ]);
});

test("requirements files are read as pip reads them", () => {
  const text = `# base
-r other.txt
--index-url https://example.com
Django>=3.2,<5  # the framework
foo==1.0 \\
    --hash=sha256:aaa \\
    --hash=sha256:bbb
bar[extra] ; sys_platform == "win32"
-e git+https://github.com/acme/tool.git@main#egg=acme-tool
git+https://github.com/acme/other.git
https://example.com/wheels/my_pkg-2.0-py3-none-any.whl
./local
-e .
!!what
`;
  expect(stated("requirements.txt", text)).toEqual([
    "runtime django >=3.2,<5 @4",
    "runtime foo ==1.0 @5",
    "runtime bar  @8",
    "runtime acme-tool @ git+https://github.com/acme/tool.git@main#egg=acme-tool @9",
    "runtime other @ git+https://github.com/acme/other.git @10",
    "runtime my-pkg @ https://example.com/wheels/my_pkg-2.0-py3-none-any.whl @11",
  ]);
  expect(readPythonManifest("requirements.txt", text).problems).toEqual([
    "line 14 of requirements.txt names no package: !!what",
  ]);
  expect(stated("requirements-dev.txt", "pytest")).toEqual(["dev pytest  @1"]);
});

test("setup.cfg is read, settings over several lines included", () => {
  const text = `[metadata]
name = acme
version = attr: acme.__version__
[options]
python_requires = >=3.8
install_requires =
    requests >= 2; python_version < "4"
    # a comment
    attrs
[options.extras_require]
test = pytest; coverage
[flake8]
max-line-length = 100
`;
  const manifest = readPythonManifest("setup.cfg", text);
  expect(manifest.package).toEqual({ ecosystem: "pypi", name: "acme", props: { requiresPython: ">=3.8" } });
  expect(stated("setup.cfg", text)).toEqual([
    "runtime requests >= 2 @7",
    "runtime attrs  @9",
    "optional pytest  @11",
    "optional coverage  @11",
  ]);
});

test("setup.py is read without running it, and what only running tells is named", () => {
  const text = `from setuptools import setup
base = ["requests>=2"]
extras = {"test": ["pytest"], "all": find()}
if __name__ == "__main__":
    setup(
        name="acme.pay", version="1.0",
        install_requires=base + ["attrs"] + read("requirements.txt"),
        extras_require=extras,
        python_requires=">=3.8",
    )
`;
  const manifest = readPythonManifest("setup.py", text);
  expect(manifest.package).toEqual({
    ecosystem: "pypi",
    name: "acme-pay",
    version: "1.0",
    props: { requiresPython: ">=3.8" },
  });
  expect(stated("setup.py", text)).toEqual(["runtime requests >=2 @2", "runtime attrs  @7", "optional pytest  @3"]);
  expect(manifest.problems).toHaveLength(2);
  expect(manifest.problems[0]).toContain("install_requires");
});

test("a Pipfile's groups are read", () => {
  expect(
    stated("Pipfile", '[[source]]\nurl = "x"\n[packages]\nflask = "*"\n[dev-packages]\npytest = {version = ">=8"}\n'),
  ).toEqual(["runtime flask * @4", "dev pytest >=8 @6"]);
});

test("a broken table costs itself, and is named; a file of which nothing can be read is refused", () => {
  const text =
    '[project]\nname = "a"\ndependencies = ["x"]\n\n[tool.black]\nline = = 3\n\n[dependency-groups]\ndev = ["y"]\n';
  expect(stated("pyproject.toml", text)).toEqual(["runtime x  @3", "dev y  @9"]);
  expect(readPythonManifest("pyproject.toml", text).problems[0]).toContain("line 6");
  expect(() => readPythonManifest("a/pyproject.toml", "<<<<<<< HEAD\n")).toThrow(AppError);
  expect(() => readPythonManifest("a/pyproject.toml", '[project]\nname = "x"\ndependencies = [\n')).toThrow(
    /^a\/pyproject\.toml is not valid TOML: line \d+ cannot be read \(.+\)\. Correct it, or exclude it in \.otignore\.$/,
  );
  const wrong = readPythonManifest(
    "pyproject.toml",
    '[project]\ndependencies = "x"\n[dependency-groups]\na = ["!", "ok"]\n',
  );
  expect(wrong.problems).toHaveLength(2);
  expect(wrong.dependencies).toHaveLength(1);
});

test("whatever a manifest holds, reading it gives an answer or a sentence", () => {
  const piece = fc.constantFrom(
    "[project]",
    "\n",
    "name",
    "=",
    '"a>=1"',
    "[",
    "]",
    "{",
    "}",
    ",",
    "-e ",
    "git+https://x/y.git",
    "\\\n",
    "#",
    ";",
    "setup(",
    "install_requires",
    ")",
    "'",
    " ",
    "[options]",
    "[packages]",
    "dependencies",
  );
  fc.assert(
    fc.property(
      fc.constantFrom("pyproject.toml", "Pipfile", "setup.cfg", "setup.py", "requirements.txt"),
      fc.array(piece, { maxLength: 40 }),
      (path, pieces) => {
        try {
          readPythonManifest(path, pieces.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
