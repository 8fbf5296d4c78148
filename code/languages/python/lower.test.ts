import { expect, test } from "vitest";
import type { FileIr, ScopeIr } from "../../ir.ts";
import { lower as lowerPython } from "./lower.ts";

/** The scope of a symbol by its path; the module's for "". */
function scopeOf(ir: FileIr, path: string): ScopeIr {
  const symbol = path === "" ? -1 : ir.symbols.findIndex((one) => one.path === path);
  const scope = ir.scopes.find((one) => one.symbol === symbol);
  if (scope === undefined) throw new Error(`no scope for ${path}`);
  return scope;
}

/** `name = value` of a scope, as JSON. */
function bindingsOf(source: string, path = ""): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { n, v } of scopeOf(lowerPython(source), path).bindings) (found[n] ??= []).push(JSON.stringify(v));
  return found;
}

const refsOf = (source: string) => lowerPython(source).refs.map(({ e, l }) => `${l} ${JSON.stringify(e)}`);

test("classes, methods, functions and variables become symbols with unique paths", () => {
  const ir = lowerPython(`
LIMIT = 3

class Pay(Base):
    """Charges
       cards.

         Well.
    """
    rate: float = 0.1

    def __init__(self, gateway):
        self.gateway = gateway
        self.rate = self.__secret = 1

    @property
    def total(self): return 1

    @total.setter
    def total(self, value): pass

    @staticmethod
    def make(
        a,  # one
        *, b=(1, 2),
    ) -> "Pay": ...

async def main():
    def inner(): yield 1
    x = [lambda: 1, lambda: 2]

try:
    import json
except ImportError:
    json = None
def f(): pass
f = 1
`);
  expect(ir.symbols.map(({ kind, path, flags }) => [kind, path, ...(flags ?? [])].join(" "))).toEqual([
    "Variable LIMIT const",
    "Class Pay",
    "Variable Pay.rate",
    "Method Pay.__init__ constructor",
    "Variable Pay.gateway",
    "Variable Pay.__secret",
    "Method Pay.total getter",
    "Method Pay.total~2 setter",
    "Method Pay.make static",
    "Function main async",
    "Function main.inner generator",
    "Function main.<lambda1> anonymous",
    "Function main.<lambda2> anonymous",
    "Function f",
  ]);
  const by = (path: string) => ir.symbols.find((symbol) => symbol.path === path);
  expect(by("Pay")).toMatchObject({ doc: "Charges\ncards.\n\n  Well.", signature: "class Pay(Base)", exported: true });
  expect(by("Pay.make")).toMatchObject({
    signature: 'def make(a, *, b=(1, 2)) -> "Pay"',
    range: { startLine: 22, startColumn: 4, endLine: 26, endColumn: 19 },
    exported: false,
  });
  expect(by("Pay.__secret")).toMatchObject({ visibility: "private", parent: 1 });
  expect(by("Pay.__init__")?.visibility).toBe("public");
  expect(by("LIMIT")?.signature).toBe("LIMIT = 3");
});

test("values are kept as far as functions may flow through them", () => {
  expect(
    bindingsOf(`
a = f
b = c = g()
d, (e, *h) = f, [i, j, k]
l, m = g()
n = {"x": f, 1: g, **o, p(): q}
r = [f, *s]
t = f if u else (v or w)
x = [f(y) for y in z]
y = lambda: f
n["k"]
for aa, bb in cc.items(): pass
dd = (ee := f)
ff = "text"; gg = "some text"; hh = 3; ii = None; jj = obj.attr["k"][i]
kk = [f]; kk += [g]
`),
  ).toEqual({
    a: ['["n","f"]'],
    b: ['["c",0]'],
    c: ['["c",0]'],
    d: ['["n","f"]'],
    e: ['["n","i"]'],
    h: ['["l",[["n","j"],["n","k"]]]'],
    l: ['["i",["c",1],["#",0]]'],
    m: ['["i",["c",1],["#",1]]'],
    n: ['["o",[["x",["n","f"]],["1",["n","g"]],[null,["*",["n","o"]]],[null,["n","q"]]]]'],
    r: ['["l",[["n","f"],["*",["n","s"]]]]'],
    t: ['["u",[["n","f"],["n","v"],["n","w"]]]'],
    x: ['["l",[["*",["l",[["c",5]]]]]]'],
    y: ['["f",1]'],
    aa: ['["i",["e",["c",6]],["#",0]]'],
    bb: ['["i",["e",["c",6]],["#",1]]'],
    ee: ['["n","f"]'],
    dd: ['["n","f"]'],
    ff: ['["s","text"]'],
    gg: ['["s",""]'],
    hh: ['["#",3]'],
    ii: ['["?"]'],
    jj: ['["i",["i",["a",["n","obj"],"attr"],["s","k"]],["n","i"]]'],
    kk: ['["l",[["n","f"]]]', '["l",[["*",["n","kk"]],["n","g"]]]'],
  });
});

test("a comprehension's variables stand for what they iterate over, and do not leak", () => {
  const ir = lowerPython("x = f\ny = [x(1) for x in fs for _ in x.parts]\nz = x\nw = [lambda x: x() for x in fs]");
  expect(ir.calls.filter((call) => call.implicit === undefined).map((call) => JSON.stringify(call.f))).toEqual([
    '["e",["n","fs"]]',
    '["n","x"]',
  ]);
  expect(Object.keys(bindingsOf("y = [x for x in fs]"))).toEqual(["y"]);
});

test("decorators are calls around what they decorate, inside out", () => {
  const ir = lowerPython("@a\n@b(1)\ndef f(): pass\n@c\nclass K:\n  @property\n  def p(self): pass\n");
  expect(ir.calls.map((call) => [JSON.stringify(call.f), JSON.stringify(call.a), call.implicit ?? false])).toEqual([
    ['["n","b"]', '[["#",1]]', false],
    ['["c",0]', '[["f",1]]', true],
    ['["n","a"]', '[["d",1,["f",1]]]', true],
    ['["n","c"]', '[["k",2]]', true],
  ]);
  expect(scopeOf(ir, "").bindings.map(({ n, v }) => [n, JSON.stringify(v)])).toEqual([
    ["f", '["d",2,["d",1,["f",1]]]'],
    ["K", '["d",3,["k",2]]'],
  ]);
});

test("methods know how they are bound; bases, metaclass and type parameters stand on the class", () => {
  const ir = lowerPython(`
class A[T: Bound](B, c.D[int, T], metaclass=M, flag=1):
    def i(self): return super().i()
    @classmethod
    def c(cls): ...
    @staticmethod
    def s(): ...
    @functools.cached_property
    def g(self): ...
    @g.deleter
    def g(self): ...
    def __new__(cls): ...
`);
  const bound = (path: string) => scopeOf(ir, path).bound;
  expect([bound("A.i"), bound("A.c"), bound("A.s"), bound("A.g"), bound("A.__new__")]).toEqual([
    "instance",
    "class",
    "static",
    "getter",
    "class",
  ]);
  expect(scopeOf(ir, "A")).toMatchObject({
    bases: [
      ["n", "B"],
      [
        "g",
        ["a", ["n", "c"], "D"],
        [
          ["n", "int"],
          ["n", "T"],
        ],
      ],
    ],
    metaclass: ["n", "M"],
    typeParams: [{ n: "T", t: ["n", "Bound"] }],
  });
  expect(scopeOf(ir, "A").bindings.filter(({ n }) => n === "g")).toHaveLength(1);
  expect(scopeOf(ir, "A.i").returns).toEqual([["c", 0]]);
  expect(ir.calls[0]?.f).toEqual(["a", ["super"], "i"]);
});

test("parameters keep kind, default and type; types lose None and what says nothing", () => {
  const ir = lowerPython(`
def f(a, /, b: "Optional[Foo]" = g, *args: int, c: list["Foo"] | None = None, d: Annotated[Union[A, None, B], 1],
      e: Callable[[int], R], h: Literal["x"], **kw) -> Type[Foo]: ...
`);
  const scope = scopeOf(ir, "f");
  expect(scope.params).toEqual([
    { n: "a", kind: "positional" },
    { n: "b", kind: "positional", v: ["n", "g"], t: ["n", "Foo"] },
    { n: "args", kind: "rest", t: ["n", "int"] },
    { n: "c", kind: "keyword", v: ["?"], t: ["g", ["n", "list"], [["n", "Foo"]]] },
    {
      n: "d",
      kind: "keyword",
      t: [
        "u",
        [
          ["n", "A"],
          ["n", "B"],
        ],
      ],
    },
    { n: "e", kind: "keyword", t: ["g", ["n", "func"], [["n", "R"]]] },
    { n: "h", kind: "keyword" },
    { n: "kw", kind: "named-rest" },
  ]);
  expect(scope.returnType).toEqual(["g", ["n", "type"], [["n", "Foo"]]]);
});

test("attributes and elements that are assigned become stores", () => {
  const ir = lowerPython(
    "class A:\n  def __init__(self, x):\n    self.x = x\n    self.y: Foo = None\nd = {}\nd['k k'] = f\nd[1] = d[z] = g\nd[0:1] = h\n",
  );
  expect(scopeOf(ir, "A.__init__").stores?.map(({ o, k, v }) => [o, k, v])).toEqual([
    [["n", "self"], "x", ["n", "x"]],
    [["n", "self"], "y", ["I", ["n", "Foo"]]],
  ]);
  expect(scopeOf(ir, "").stores?.map(({ k, v }) => [k, v])).toEqual([
    ["k k", ["n", "f"]],
    ["1", ["n", "g"]],
    [null, ["n", "g"]],
    [null, ["n", "h"]],
  ]);
});

test("global and nonlocal names are bound where they belong, with the scope to read the value in", () => {
  const ir = lowerPython(
    "def outer():\n  x = a\n  def inner(p):\n    nonlocal x\n    global y\n    x = p\n    y = p\n  return x\n",
  );
  expect(scopeOf(ir, "outer").bindings.filter(({ n }) => n === "x")).toMatchObject([
    { v: ["n", "a"], r: 0 },
    { v: ["n", "p"], r: 1, s: 2 },
  ]);
  expect(scopeOf(ir, "outer").regions).toEqual([
    [-1, 0],
    [0, -1],
  ]);
  expect(scopeOf(ir, "").bindings.find(({ n }) => n === "y")).toMatchObject({ v: ["n", "p"], s: 2 });
  expect(scopeOf(ir, "outer.inner").bindings).toEqual([]);
});

test("branches exclude each other, loops repeat, handlers and cases stand apart", () => {
  const ir = lowerPython(`
if a: x = f
elif b: x = g
else: x = h
for i in j: x = k
while l: x = m
try: x = n
except A as e: x = o
except (B, C): x = p
finally: x = q
match r:
    case D(s=t) as u: x = v
    case [w, *y]: x = z
`);
  const { bindings, regions = [] } = scopeOf(ir, "");
  const region = (v: string) => regions[bindings.find((one) => one.n === "x" && one.v[1] === v)?.r ?? -1];
  expect([region("f"), region("g"), region("h")]).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
  expect([region("k"), region("m"), region("n"), region("q")]).toEqual([
    [0, -1],
    [0, -1],
    [0, 0],
    [-1, 0],
  ]);
  expect(region("o")).toEqual(region("p"));
  expect(region("v")).toEqual(region("z"));
  expect(region("o")?.[1]).toBeGreaterThan(1);
  const value = (name: string) => bindings.find((one) => one.n === name)?.v;
  expect(value("e")).toEqual(["I", ["n", "A"]]);
  expect(value("t")).toEqual(["a", ["I", ["n", "D"]], "s"]);
  expect(value("u")).toEqual(["I", ["n", "D"]]);
  expect(value("w")).toEqual(["i", ["n", "r"], ["#", 0]]);
  expect(value("y")).toEqual(["l", [["*", ["n", "r"]]]]);
});

test("with, for, raise and generators make the calls that nobody wrote", () => {
  const ir = lowerPython(
    "with a as b, open(c): pass\nfor d in e: pass\nfor i in range(3): pass\nraise Error\nasync def f():\n  async with g as h: yield h\n",
  );
  expect(ir.calls.filter((call) => call.implicit).map((call) => `${call.l} ${JSON.stringify(call.f)}`)).toEqual([
    '1 ["a",["n","a"],"__enter__"]',
    '1 ["a",["c",1],"__enter__"]',
    '1 ["a",["c",1],"__exit__"]',
    '1 ["a",["n","a"],"__exit__"]',
    '2 ["a",["n","e"],"__iter__"]',
    '2 ["a",["c",5],"__next__"]',
    '4 ["n","Error"]',
    '6 ["a",["n","g"],"__aenter__"]',
    '6 ["a",["n","g"],"__aexit__"]',
  ]);
  expect(scopeOf(ir, "").bindings[0]).toMatchObject({ n: "b", v: ["c", 0] });
  expect(scopeOf(ir, "f")).toMatchObject({ async: true, yields: [["n", "h"]] });
});

test("imports are read wherever they stand, and bind their names", () => {
  const ir = lowerPython(`
import a.b.c, d as e
import f.g as f
from . import h
from ..i.j import k as l
from m import *
if TYPE_CHECKING:
    from n import o
def p():
    import q
x = importlib.import_module("r.s")
y = __import__(t)
`);
  expect(
    ir.imports.map(({ specifier, kind, name, alias, type, l }) => [specifier, kind, name, alias, type ?? false, l]),
  ).toEqual([
    ["a.b.c", "module", null, "a", false, 2],
    ["d", "module", null, "e", false, 2],
    ["f", "member", "g", "f", false, 3],
    [".", "member", "h", "h", false, 4],
    ["..i.j", "member", "k", "l", false, 5],
    ["m", "star", null, null, false, 6],
    ["n", "member", "o", "o", true, 8],
    ["q", "module", null, "q", false, 10],
    ["r.s", "dynamic", null, null, false, 11],
  ]);
  expect(scopeOf(ir, "p").bindings).toMatchObject([{ n: "q", v: ["m", 7] }]);
  expect(scopeOf(ir, "").bindings.find(({ n }) => n === "x")?.v).toEqual(["m", 8]);
});

test("reads are noted of what may be declared at module or class level, once for each symbol", () => {
  expect(
    refsOf(`
import conf
LIMIT = 1
class A(Base):
    size = LIMIT
    def f(self, p: "A", q=LIMIT):
        local = p.x + LIMIT + conf.DEBUG + conf.DEBUG
        g(self.size, local, len, conf.run(LIMIT), A.size[LIMIT])
        return local.y, conf.a.b.c, undefined, None
`),
  ).toEqual([
    '5 ["n","LIMIT"]',
    '6 ["n","A"]',
    '7 ["n","LIMIT"]',
    '7 ["a",["n","conf"],"DEBUG"]',
    '8 ["a",["n","self"],"size"]',
    '8 ["a",["n","A"],"size"]',
    '9 ["a",["a",["a",["n","conf"],"a"],"b"],"c"]',
  ]);
});

test("with a star import, a name that nothing binds may come from it, unless it is built in", () => {
  expect(refsOf("from m import *\nx = thing, len")).toEqual(['2 ["n","thing"]']);
});

test("`__all__` keeps its names, other long lists of words do not", () => {
  const words = JSON.stringify(Array.from({ length: 50 }, (_, i) => `w${i}`));
  const { __all__: names = [], other } = bindingsOf(`__all__ = ${words}\n__all__ += ["z"]\nother = ${words}`);
  expect(names[0]).toContain('["s","w49"]');
  expect(names[1]).toBe('["l",[["*",["n","__all__"]],["s","z"]]]');
  expect(other).toEqual(['["l",[]]']);
});
