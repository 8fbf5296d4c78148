// Go's build constraints: which files belong to the usual build (linux on amd64, no tags of one's own), and which to no build together.
import * as t from "./tokens.ts";
import { GoScanner } from "./scanner.ts";

export const systems = new Set(
  (
    "aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows zos " +
    "hurd nacl unix"
  ).split(" "),
);
export const architectures = new Set(
  (
    "386 amd64 amd64p32 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x sparc64 wasm riscv sparc " +
    "armbe arm64be ppc mips64p32 mips64p32le s390"
  ).split(" "),
);

const usualTags = new Set(["linux", "amd64", "unix", "gc", "cgo"]);

const isRelease = (tag: string): boolean => /^go1(\.\d+)?$/.test(tag);
const isUsual = (tag: string): boolean => usualTags.has(tag) || isRelease(tag);

const maxDepth = 50;

/** Whether the usual build takes a file with this constraint (`linux && !cgo`). */
export const isInUsualBuild = (constraint: string): boolean => holds(constraint, isUsual);

/** Tags that the tools set. All others are a project's own: it builds with one of them or another, not with both. */
const toolTags = new Set(["unix", "gc", "gccgo", "cgo", "race", "msan", "asan", "boringcrypto", "purego", "appengine"]);

/** With more tags than this in two files' constraints, nothing is said of them. */
const maxTags = 10;

/** Whether no build takes two files with these constraints (all of a file's have to hold) and no more tags than one of them needs. */
export function excludeEachOther(a: readonly string[], b: readonly string[]): boolean {
  const tags = new Set<string>();
  const note = (tag: string): boolean => {
    if (!isRelease(tag)) tags.add(tag);
    return true;
  };
  for (const constraint of [...a, ...b]) holds(constraint, note);
  if (tags.size > maxTags) return false;
  const [one, other, both] = [fewestTags(a, [...tags]), fewestTags(b, [...tags]), fewestTags([...a, ...b], [...tags])];
  return both > Math.max(one, other);
}

/** How many tags of a project's own the constraints need at least; Infinity when they never hold. */
function fewestTags(constraints: readonly string[], tags: readonly string[]): number {
  let fewest = Infinity;
  for (let chosen = 0; chosen < 1 << tags.length; chosen++) {
    const set = new Set(tags.filter((_, i) => (chosen & (1 << i)) !== 0));
    const count = (isOf: (tag: string) => boolean): number => [...set].filter(isOf).length;
    if (count((tag) => systems.has(tag) && tag !== "unix") > 1 || count((tag) => architectures.has(tag)) > 1) continue;
    if (!constraints.every((constraint) => holds(constraint, (tag) => set.has(tag) || isRelease(tag)))) continue;
    fewest = Math.min(
      fewest,
      count((tag) => !systems.has(tag) && !architectures.has(tag) && !toolTags.has(tag)),
    );
  }
  return fewest;
}

function holds(constraint: string, isSet: (tag: string) => boolean): boolean {
  const scanner = new GoScanner(constraint.slice(0, 1000));
  scanner.next();
  let depth = 0;
  const readOr = (): boolean => {
    let value = readAnd();
    while (scanner.tok === t.LOR) {
      scanner.next();
      // Both sides are read: the second one has to be passed over in any case.
      const right = readAnd();
      value ||= right;
    }
    return value;
  };
  const readAnd = (): boolean => {
    let value = readNot();
    while (scanner.tok === t.LAND) {
      scanner.next();
      const right = readNot();
      value &&= right;
    }
    return value;
  };
  const readNot = (): boolean => {
    let negated = false;
    while (scanner.tok === t.NOT) {
      negated = !negated;
      scanner.next();
    }
    let value = true;
    if (scanner.tok === t.LPAREN && depth < maxDepth) {
      depth++;
      scanner.next();
      value = readOr();
      depth--;
    } else {
      let tag = scanner.word;
      scanner.next();
      // `go1.21` scans as a name and a number.
      if (scanner.tok === t.FLOAT && tag.startsWith("go")) {
        tag += scanner.text();
        scanner.next();
      }
      return isSet(tag) !== negated;
    }
    if (scanner.tok === t.RPAREN) scanner.next();
    return value !== negated;
  };
  return readOr();
}
