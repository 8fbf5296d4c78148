import { expect, test } from "vitest";
import type { Expr, FileIr } from "../../ir.ts";
import { lower as lowerPython } from "./lower.ts";

/** A callee as it reads in the source; `()` stands for a call, `[]` for an element. */
function calleeText(ir: FileIr, e: Expr): string {
  switch (e[0]) {
    case "n":
      return e[1];
    case "a":
      return `${calleeText(ir, e[1])}.${e[2]}`;
    case "c":
      return `${calleeText(ir, ir.calls[e[1]]?.f ?? ["?"])}()`;
    case "i":
      return `${calleeText(ir, e[1])}[]`;
    case "s":
      return "str";
    default:
      return "?";
  }
}

/** Written calls as `line callee`, in the order in which they run. */
function callsIn(source: string): string {
  const ir = lowerPython(source);
  return ir.calls
    .filter((call) => call.implicit === undefined)
    .map((call) => `${call.l} ${calleeText(ir, call.f)}`)
    .join(", ");
}

const problemsOf = (source: string) => lowerPython(source).problems ?? [];
const pathsOf = (source: string) => lowerPython(source).symbols.map((symbol) => symbol.path);

test.each([
  ["operators and conditionals", "x = a() + b() * -c() if d() else not e()", "1 d, 1 a, 1 b, 1 c, 1 e"],
  ["comprehensions", "y = [f(i) for i in g() if h(i)]", "1 g, 1 h, 1 f"],
  ["nested comprehensions", "y = {a(x): b(y) for x in c() for y in d(x)}", "1 c, 1 d, 1 a, 1 b"],
  ["generators as arguments", "g(h() for i in j())", "1 j, 1 h, 1 g"],
  ["sets and dicts", "y = {*l(), m()}; z = {a(): b(), **c()}", "1 l, 1 m, 1 a, 1 b, 1 c"],
  ["lambdas and their defaults", "z = lambda n=o(), *a, **k: p()", "1 o, 1 p"],
  ["arguments of every kind", "u(v(), *w(), k=x(), **y())", "1 v, 1 w, 1 x, 1 y, 1 u"],
  ["slices", "q[r():s():t()]; m[a(), ..., b():]", "1 r, 1 s, 1 t, 1 a, 1 b"],
  ["assignment expressions", "if (n := f()) > 3: pass", "1 f"],
  ["await and yield", "async def f():\n  await a()\n  x = yield b()\n  yield from c()", "2 a, 3 b, 4 c"],
  ["chains", "a().b()[c()].d()", "1 a, 1 a().b, 1 c, 1 a().b()[].d"],
  ["methods of literals", '"x".join(a); f"{b()}".c()', "1 str.join, 1 b, 1 str.c"],
  ["formatted strings", `f"{a()!r:>{b()}} {{c()}} {d()=}" f'''{e(\n)}'''`, "1 a, 1 b, 1 d, 1 e"],
  ["formatted strings with their own quotes inside", `f"{a["k"]("v")} {f'{b(f"{c()}")}'}"`, "1 a[], 1 c, 1 b"],
  [
    "formatted strings with colons, braces and escapes",
    String.raw`f"{ {1: a()}[1]:{b()}} {x:=5} {(y:=c())} \N{DASH} {d()}" + rf"\{e()}"`,
    "1 a, 1 b, 1 c, 1 d, 1 e",
  ],
  ["template strings", 't"{a()}"', "1 a"],
  ["bytes and prefixes", `f(b'x' rb"y" Rb'z' u"w")`, "1 f"],
  ["statements", "assert a(), b()\ndel c()[0]\nraise d() from e()\nreturn f()", "1 a, 1 b, 2 c, 3 d, 3 e, 4 f"],
  [
    "targets",
    "a().b = c()\nd()[e()] = f()\nfor g().x in h(): pass\nwith i() as j().k: pass",
    "1 c, 1 a, 2 f, 2 d, 2 e, 3 h, 3 g, 4 i, 4 j",
  ],
  ["annotations and augmented assignments", "x: a() = b()\ny += c()\nz.w().q -= d()", "1 a, 1 b, 2 c, 3 d, 3 z.w"],
  [
    "decorators, defaults, bases and keywords of classes",
    "@a()\n@b\ndef f(x=c(), *, y: d() = e()) -> g(): pass\n@h(1)\nclass K(i(), metaclass=j(), k=l()): pass",
    "1 a, 3 c, 3 e, 3 d, 3 g, 4 h, 5 i, 5 j, 5 l",
  ],
  [
    "match statements",
    "match a():\n  case {'k': [B.C(), *_]} if d(): e()\n  case F(x=1) | G(): h()",
    "1 a, 2 d, 2 e, 3 h",
  ],
  [
    "`match`, `case` and `type` used as names",
    "match(a)\nmatch = b()\nmatch[c()] = 1\ntype(d)\ncase(e)\nmatch.f(-1)\nmatch -g()\ntype = 1",
    "1 match, 2 b, 3 c, 4 type, 5 case, 6 match.f, 7 g",
  ],
  [
    "with statements in parentheses",
    "with (a() as x, b()): c()\nwith (d()): e()\nwith (f() or g()).h() as y, i(): pass\nwith (yield): pass",
    "1 a, 1 b, 1 c, 2 d, 2 e, 3 f, 3 g, 3 ?.h, 3 i",
  ],
  ["joined lines", "x = a() + \\\n  b()\nc(\n\n  # comment )\n  d(),\n)\n", "1 a, 2 b, 6 d, 3 c"],
  ["several statements on a line", "a(); b();\nif c(): d(); e()\nelse: f()", "1 a, 1 b, 2 c, 2 d, 2 e, 3 f"],
  ["numbers of every notation", "f(0xFFor 1_000.5e-3j, 1 .real, 0b1_0, 1if x else.5, 1..a(), 10L)", "1 ?.a, 1 f"],
  ["multi-line callees, on the line of the name called", "x = (a\n  .b()\n  .c(\n))", "2 a.b, 3 a.b().c"],
])("calls are found in %s", (_, source, expected) => {
  expect(callsIn(source)).toBe(expected);
  expect(problemsOf(source)).toEqual([]);
});

test.each([
  ["tabs, form feeds and comments", "if x:\n\ta()\n\f\n# c\n        b()\n  # d\nc()", "2 a, 5 b, 7 c"],
  ["carriage returns alone and with line feeds", "if x:\r\n  a()\rif y:\r  b()\n", "2 a, 4 b"],
  ["a byte order mark", "\ufeffa()", "1 a"],
  ["no line break at the end", "if x:\n  a()", "2 a"],
  ["docstrings with quotes and line joins", "'''it's\n\\\n''' ; a()\nb()", "3 a, 4 b"],
])("lines are counted through %s", (_, source, expected) => {
  expect(callsIn(source)).toBe(expected);
  expect(problemsOf(source)).toEqual([]);
});

test("names and keywords of every Python version are read", () => {
  const source = `
def f[T: (int, str) = int, *Ts, **P](a, /, b: T = 1, *args: *Ts, c, **kw) -> list[T]: ...
class Box[T](Base[T]): ...
type Pair[T] = tuple[T, T]
async def g():
    async with a as b, c: pass
    async for x in y: pass
    else: pass
    return [z async for z in w]
try: pass
except* ValueError: pass
except A, B: pass
x = asyncio.async(1)
async = 3
größe = ﬁ = 1
a = b = *c, d = 1, 2
nonlocal_ = print
print >>f, x
@(yield_)
def h(): global x, y
lambda *, a, b=1: 0
`;
  expect(problemsOf(source)).toEqual([]);
  expect(pathsOf(source)).toEqual(expect.arrayContaining(["f", "Box", "Pair", "g", "größe", "fi", "h"]));
});

test("a syntax error costs its statement, and is listed with its line", () => {
  const source = "def a(): pass\nx = = 3\ndef b():\n    y = 1 2\n    c()\nclass D: pass\n";
  expect(problemsOf(source)).toEqual([
    [2, "unexpected `=`"],
    [4, "unexpected `2`"],
  ]);
  expect(pathsOf(source)).toEqual(["a", "b", "D"]);
  expect(callsIn(source)).toBe("5 c");
});

test("a header that cannot be read costs its line, not its block", () => {
  const source = "class A:\n  def f(self):\n    if x = 1:\n      a()\n    b()\n  def g(self): pass\n";
  expect(callsIn(source)).toBe("4 a, 5 b");
  expect(pathsOf(source)).toEqual(["A", "A.f", "A.g"]);
  expect(problemsOf(source)).toHaveLength(1);
});

test("an unclosed bracket ends before the next line that stands no deeper and starts a statement", () => {
  const source = "x = f(a,\n      b\ndef g():\n    h()\n\ny = [1,\nclass K:\n    pass\n";
  expect(pathsOf(source)).toEqual(["g", "K"]);
  expect(callsIn(source)).toBe("4 h");
  expect(problemsOf(source).map(([line]) => line)).toEqual([3, 7]);
});

test("an unclosed string or formatted field costs its line", () => {
  expect(pathsOf("a = 'x\ndef f(): pass\nb = f'{x y}'\ndef g(): pass\nc = f'{x\ndef h(): pass\n")).toEqual(
    expect.arrayContaining(["f", "g", "h"]),
  );
  const open = problemsOf("x = '''never\nclosed");
  expect(open).toEqual([[1, "the string that starts here is not closed"]]);
});

test("wrong indentation is listed and what it holds is kept", () => {
  const source = "def f():\n        a()\n    b()\nc()\n  d()\n";
  expect(callsIn(source)).toBe("2 a, 3 b, 4 c, 5 d");
  expect(problemsOf(source).map(([line]) => line)).toEqual([3, 5]);
});

test("Python 2 files are read, with a problem for each old statement", () => {
  const source = `
print "x", f(1)
print >>out, g()
exec h() in i()
raise Error, j()
try:
    k()
except (A, B), e:
    l()
def m(self, (a, b), c=1):
    n()
if x <> 0777L: o()
`;
  expect(callsIn(source)).toBe("2 f, 3 g, 4 h, 4 i, 5 j, 7 k, 9 l, 11 n, 12 o");
  expect(pathsOf(source)).toEqual(["m"]);
  expect(problemsOf(source).map(([line]) => line)).toEqual([2, 4, 5, 10]);
});
