// Go's build constraints: which files belong to the usual build (linux on amd64, no tags of one's own).
import * as t from "./tokens.ts";
import { GoScanner } from "./scanner.ts";

const usualTags = new Set(["linux", "amd64", "unix", "gc", "cgo"]);

const isSet = (tag: string): boolean => usualTags.has(tag) || /^go1(\.\d+)?$/.test(tag);

const maxDepth = 50;

/** Whether the usual build takes a file with this constraint (`linux && !cgo`). */
export function isInUsualBuild(constraint: string): boolean {
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
