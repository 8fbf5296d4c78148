// Which types satisfy which interfaces, over several files and packages.
import { describe, expect, test } from "vitest";
import { findImplementations, linkImplements } from "./implements.ts";
import { type FileSummary, summariseTypes } from "./type-summaries.ts";
import { lower as lowerGo } from "./lower.ts";

const module = (path: string): string => {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "acme.com/shop" : `acme.com/shop/${path.slice(0, slash)}`;
};

function summaries(files: Record<string, string>): Map<string, FileSummary> {
  const result = new Map<string, FileSummary>();
  for (const [path, text] of Object.entries(files)) {
    const ir = lowerGo(text, path);
    expect(ir.problems).toBeUndefined();
    const summary = summariseTypes(ir);
    // As the store hands it back.
    if (summary !== undefined) result.set(path, JSON.parse(JSON.stringify(summary)) as FileSummary);
  }
  return result;
}

const pairs = (files: Record<string, string>): [string, string, number][] =>
  findImplementations(summaries(files), module)
    .map((one): [string, string, number] => [one.type.symbol, one.interface.symbol, one.confidence])
    .toSorted((a, b) => `${a[0]} ${a[1]}`.localeCompare(`${b[0]} ${b[1]}`));

describe("a type satisfies an interface", () => {
  test("when all methods are there with the same types, across packages and files", () => {
    expect(
      pairs({
        "store/store.go": `package store
import "context"
type Item struct{}
type Store interface { Get(ctx context.Context, key string) (*Item, error); Close() error }`,
        "disk/disk.go": `package disk
type Disk struct{}
func (d *Disk) Close() error { return nil }`,
        "disk/get.go": `package disk
import ("context"; s "acme.com/shop/store")
func (d *Disk) Get(c context.Context, k string) (*s.Item, error) { return nil, nil }`,
      }),
    ).toEqual([["Disk", "Store", 1]]);
  });

  test("not when a method has another number of results, another type, or is missing", () => {
    expect(
      pairs({
        "a.go": `package shop
type Closer interface { Close() error }
type Both interface { Close() error; Open(name string) }
type A struct{}
func (A) Close() {}
type B struct{}
func (B) Close() error { return nil }
func (B) Open(name int) {}
type C struct{}
func (C) Open(name string) {}`,
      }),
    ).toEqual([["B", "Closer", 1]]);
  });

  test("not when two types of the same name come from packages that both are known", () => {
    expect(
      pairs({
        "a/a.go": `package a
type Item struct{}
type Sink interface { Put(x Item) }`,
        "b/b.go": `package b
type Item struct{}
type T struct{}
func (T) Put(x Item) {}`,
      }),
    ).toEqual([]);
  });

  test("through embedded structs and embedded interfaces", () => {
    expect(
      pairs({
        "a.go": `package shop
import "io"
type Base struct{}
func (*Base) Close() error { return nil }
type File struct { *Base }
func (File) Read(p []byte) (n int, err error) { return 0, nil }
type ReadThing interface { io.Reader; Closer }
type Closer interface { Close() error }
type Wrapped struct { ReadThing }`,
      }),
    ).toEqual([
      ["Base", "Closer", 1],
      ["File", "Closer", 1],
      ["File", "ReadThing", 1],
      ["Wrapped", "Closer", 1],
      ["Wrapped", "ReadThing", 1],
    ]);
  });

  test("a defined type does not inherit the methods of a struct, but those of an interface and of what the struct embeds", () => {
    expect(
      pairs({
        "a.go": `package shop
type Closer interface { Close() error }
type A struct{}
func (A) Close() error { return nil }
type B A
type D struct { A }
type E D
type Closing Closer
type F struct { Closing }`,
      }),
    ).toEqual([
      ["A", "Closer", 1],
      ["A", "Closing", 1],
      ["D", "Closer", 1],
      ["D", "Closing", 1],
      ["E", "Closer", 1],
      ["E", "Closing", 1],
      ["F", "Closer", 1],
      ["F", "Closing", 1],
    ]);
  });

  test("unexported methods count in their own package only", () => {
    expect(
      pairs({
        "a/a.go": `package a
type Node interface { node() }
type X struct{}
func (X) node() {}`,
        "b/b.go": `package b
type Y struct{}
func (Y) node() {}`,
      }),
    ).toEqual([["X", "Node", 1]]);
  });

  test("with less confidence where generics leave the types open", () => {
    expect(
      pairs({
        "a.go": `package shop
type Queue[T any] interface { Push(x T) }
type List[E any] struct{}
func (l *List[E]) Push(x E) {}`,
      }),
    ).toEqual([["List", "Queue", 0.8]]);
  });

  test("an interface with an embedded one from outside counts only where the code asserts it", () => {
    const files = {
      "a.go": `package shop
import "k8s.io/runtime"
type Thing interface { runtime.Object; Close() error }
type A struct{}
func (A) Close() error { return nil }
type B struct{ runtime.Base }
func (B) Close() error { return nil }
var _ Thing = (*B)(nil)`,
    };
    expect(pairs(files)).toEqual([["B", "Thing", 1]]);
  });

  test("an alias is the type it names", () => {
    expect(
      pairs({
        "a/a.go": `package a
import "acme.com/shop/b"
type Item = b.Thing
type Sink interface { Put(x []Item, y byte) }`,
        "b/b.go": `package b
type Thing struct{}
type T struct{}
func (T) Put(x []Thing, y uint8) {}`,
      }),
    ).toEqual([["T", "Sink", 1]]);
  });

  test("an external test package is a namespace of its own", () => {
    expect(
      pairs({
        "a/a.go": `package a
type Closer interface { Close() error }
type Mock struct{}`,
        "a/a_test.go": `package a_test
type Mock struct{}
func (Mock) Close() error { return nil }`,
      }),
    ).toEqual([["Mock", "Closer", 1]]);
  });
});

test("edges name both symbols, where the type is declared, and the rule", () => {
  const files = summaries({
    "a/a.go": `package a\ntype Closer interface { Close() error }\ntype T struct{}\nfunc (T) Close() error { return nil }`,
  });
  const linked = linkImplements(files, "github.com/acme/shop", new Map([["a/a.go", "acme.com/shop/a"]]));
  expect(linked.edges).toEqual([
    {
      from: "symbol:github.com/acme/shop#a/a.go#T",
      to: "symbol:github.com/acme/shop#a/a.go#Closer",
      type: "IMPLEMENTS",
      evidence: ["a/a.go:3"],
      confidence: 1,
      rule: "method-set",
    },
  ]);
  expect(linked.implementations).toEqual([
    { method: { path: "a/a.go", symbol: "T.Close" }, of: { path: "a/a.go", symbol: "Closer.Close" }, confidence: 1 },
  ]);
});

test("embedding in a circle ends", () => {
  expect(
    pairs({ "a.go": `package shop\ntype A struct { *B }\ntype B struct { *A }\ntype I interface { I; M() }` }),
  ).toEqual([]);
});
