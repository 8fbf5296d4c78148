// Functions outside of the repository that call a function they are given: the standard library's, and errgroup's.
// A handler that is only kept for later, as by net/http, is not called where it is handed over.
import type { ExternalValue } from "../../resolve/values.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Package → its functions and methods, by their last name. */
const callers: Readonly<Record<string, ReadonlySet<string>>> = {
  sort: words("Slice SliceStable SliceIsSorted Search Find"),
  slices: words(
    "SortFunc SortStableFunc IsSortedFunc IndexFunc ContainsFunc DeleteFunc CompactFunc CompareFunc EqualFunc MaxFunc MinFunc " +
      "BinarySearchFunc SortedFunc SortedStableFunc",
  ),
  maps: words("DeleteFunc EqualFunc"),
  strings: words(
    "Map FieldsFunc FieldsFuncSeq IndexFunc LastIndexFunc ContainsFunc TrimFunc TrimLeftFunc TrimRightFunc",
  ),
  bytes: words("Map FieldsFunc FieldsFuncSeq IndexFunc LastIndexFunc ContainsFunc TrimFunc TrimLeftFunc TrimRightFunc"),
  sync: words("Do Go Range OnceFunc OnceValue OnceValues"),
  time: words("AfterFunc"),
  context: words("AfterFunc"),
  "path/filepath": words("Walk WalkDir"),
  "io/fs": words("WalkDir"),
  flag: words("Func BoolFunc Visit VisitAll"),
  testing: words("Run Fuzz Cleanup Benchmark AllocsPerRun RunParallel"),
  "golang.org/x/sync/errgroup": words("Go TryGo"),
};

/** `sort.Slice`, `sync.Once().Do`. */
export function callsItsArguments({ package: { name: from }, name }: ExternalValue): boolean {
  return callers[from]?.has(name.slice(name.lastIndexOf(".") + 1)) === true;
}
