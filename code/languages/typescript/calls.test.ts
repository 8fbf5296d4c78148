// What the intermediate form of TypeScript and JavaScript comes to once it is resolved.
import { expect, test } from "vitest";
import { callLines } from "../../resolve/testing/tiny-repository.ts";

test.each<[string, Record<string, string>, string[]]>([
  [
    "super(…) and super.m() lead to the base",
    {
      "a.ts": "class A { constructor() {} m() {} }\nclass B extends A { constructor() { super() } m() { super.m() } }",
    },
    ["a.B.constructor -> a.A.constructor", "a.B.m -> a.A.m"],
  ],
  [
    "types of parameters and fields, also of another file and in a list, say what is called",
    {
      "a.ts":
        "import type { S } from './s';\nclass C { list: S[] = []; constructor(private s: S) {} m() { this.s.go() } n() { for (const x of this.list) x.go() } }",
      "s.ts": "export class S { go() {} }",
    },
    ["a.C.m -> s.S.go", "a.C.n -> s.S.go"],
  ],
  [
    "a tuple's places have types of their own",
    {
      "a.ts":
        "class C { set() {} }\nclass R { cols(): [string, C][] { return x }\n run() { for (const [k, c] of this.cols()) c.set() } }",
    },
    ["a.R.run -> a.C.set", "a.R.run -> a.R.cols"],
  ],
  [
    "an arrow in a field sees the instance",
    { "a.ts": "class A { static h = () => {}; handler = () => { this.go() }; go() {} }\nA.h(); new A().handler()" },
    ["a -> a.A", "a -> a.A.h", "a -> a.A.handler", "a.A.handler -> a.A.go"],
  ],
  [
    "this of an object's method, and a stated this, are known without a call",
    {
      "a.ts":
        "class S { go() {} }\nexport const o = { a() { this.b() }, b() {} }\nexport function f(this: S) { this.go() }",
    },
    ["a.f -> a.S.go", "a.o.a -> a.o.b"],
  ],
  [
    "prototypes make methods",
    {
      "a.js":
        "function Foo() { this.init() }\nFoo.prototype.init = function () { this.bar() }\nFoo.prototype.bar = function () {}\nnew Foo().bar()",
    },
    ["a -> a.Foo", "a -> a.Foo.bar", "a.Foo -> a.Foo.init", "a.Foo.init -> a.Foo.bar"],
  ],
  [
    "CommonJS: members of module.exports, of a function that is the module, and compiled calls",
    {
      "a.js": "const { go } = require('./b'), c = require('./c')\ngo()\nc()\nc.extra();\n(0, c.late)()",
      "b.js": "function go() {}\nmodule.exports = { go }",
      "c.js":
        "module.exports = main\nfunction main() {}\nmodule.exports.extra = function () {}\nmodule.exports.late = () => {}",
    },
    ["a -> b.go", "a -> c.extra", "a -> c.late", "a -> c.main"],
  ],
  [
    "re-exports in all forms lead to the definition",
    {
      "a.ts": "import { x, ns, y } from './b'\nx(); ns.z(); y()",
      "b.ts": "export * from './c'\nexport * as ns from './c'\nexport { default as y } from './c'",
      "c.ts": "export function x() {}\nexport function z() {}\nexport default function d() {}",
    },
    ["a -> c.d", "a -> c.x", "a -> c.z"],
  ],
  [
    "namespaces hold what they export",
    {
      "a.ts":
        "namespace N { export function f() { g() } function g() {} export namespace M { export const h = () => {} } }\nN.f(); N.M.h()",
    },
    ["a -> a.N.M.h", "a -> a.N.f", "a.N.f -> a.N.g"],
  ],
  [
    "elements of typed maps and of awaited lists",
    {
      "a.ts":
        "class S { go() {} }\nconst m = new Map<string, S>()\nfunction f() { m.get('x')!.go() }\nfunction load(): Promise<S[]> { throw 1 }\nasync function g() { const [a] = await load(); a.go() }",
    },
    ["a.f -> a.S.go", "a.g -> a.S.go", "a.g -> a.load"],
  ],
  [
    "branches: each assignment that may hold is called, and none that was overwritten",
    { "a.js": "var f = no\nf = a\nif (x) f = b\nf()\nfunction a() {}\nfunction b() {}\nfunction no() {}" },
    ["a -> a.a", "a -> a.b"],
  ],
  [
    "prototypes that lead in a circle, and lists of themselves, come to an end",
    {
      "a.js": "const a = {}, b = { x() {} }; Object.setPrototypeOf(a, b); Object.setPrototypeOf(b, a); a.go(); a.x()",
      "b.ts": "type R = R[]; const xs: R = []; xs.foo(); xs[0].bar(); const l: unknown[] = []; l.push(l); l.foo()",
    },
    ["a -> a.b.x"],
  ],
])("%s", (_, sources, expected) => {
  expect(callLines(sources)).toEqual(expected);
});
