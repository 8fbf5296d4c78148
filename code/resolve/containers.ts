// Reading lists, dicts, objects, promises and generators: the entries of their literal and what was stored since.
import type { Expr } from "../ir.ts";
import { reaching } from "./flow.ts";
import { anyKey, appended, type Thunk } from "./heap.ts";
import { type BoxValue, join, none, type Value, type Values } from "./values.ts";
import type { Place } from "./place.ts";
import type { World } from "./world.ts";

/** Boxes that are spread into each other are followed this far. */
const maxNesting = 12;

/** Those of `thunks` that a read at `place` may see. What happened in the same run of the same function is ordered. */
export function visible(thunks: readonly Thunk[], place: Place | null): readonly Thunk[] {
  if (thunks.length === 0 || (thunks.length === 1 && place === null)) return thunks;
  if (thunks.length === 1) {
    const { frame, scope } = thunks[0]!;
    const { file } = frame;
    const isSame = place?.frame === frame && place.at >= 0 && file.ownerOf(place.scope) === file.ownerOf(scope);
    return isSame ? reaching(thunks, place.at, place.r, file.regionsOf(scope), replaces).items : thunks;
  }
  const out: Thunk[] = [];
  for (const group of byRun(thunks)) {
    const first = group[0]!;
    const { file } = first.frame;
    if (group.length > 1) group.sort(byPlace);
    const regions = file.regionsOf(first.scope);
    const same =
      place !== null &&
      place.frame === first.frame &&
      file.ownerOf(place.scope) === file.ownerOf(first.scope) &&
      place.at >= 0;
    if (same) {
      const reach = reaching(group, place.at, place.r, regions, replaces);
      // What others did before is overwritten.
      if (reach.definite) return reach.items;
      out.push(...reach.items);
    } else out.push(...reaching(group, Infinity, 0, regions, replaces).items);
  }
  return out;
}

const replaces = (thunk: Thunk): boolean => thunk.replaces;
const byPlace = (a: Thunk, b: Thunk): number => a.at - b.at;

/** Those of one run of one function together. They are few. */
function byRun(thunks: readonly Thunk[]): Thunk[][] {
  const groups: Thunk[][] = [];
  for (let i = 0; i < thunks.length; i++) {
    const thunk = thunks[i]!;
    const { frame } = thunk;
    const owner = frame.file.ownerOf(thunk.scope);
    let group: Thunk[] | undefined;
    for (let k = 0; k < groups.length && group === undefined; k++) {
      const one = groups[k]![0]!;
      if (one.frame === frame && frame.file.ownerOf(one.scope) === owner) group = groups[k];
    }
    if (group === undefined) groups.push([thunk]);
    else group.push(thunk);
  }
  return groups;
}

const literalThunk = (box: BoxValue, expr: Expr): Thunk => ({
  expr,
  type: false,
  values: null,
  frame: box.frame!,
  scope: box.scope,
  at: box.at - 1,
  r: box.region,
  replaces: true,
});

/** One thunk for one entry of one box. */
function entryThunk(box: BoxValue, expr: Expr): Thunk {
  const known = (box.entries ??= new Map());
  let thunk = known.get(expr);
  if (thunk === undefined) known.set(expr, (thunk = literalThunk(box, expr)));
  return thunk;
}

/** What a box holds under a key (`#n` for a place in a list); null key: anything in it. */
export function cellsOf(w: World, box: BoxValue, key: string | null, place: Place | null): Values {
  if (w.nesting >= maxNesting) return none;
  w.nesting++;
  try {
    return readCells(w, box, key, place);
  } finally {
    w.nesting--;
  }
}

/** The same for a box that is spread into another: each is read once for a read from outside, however many ways lead to it. */
function spreadCells(w: World, box: BoxValue, key: string | null): Values {
  const isOutermost = w.spreads === null;
  const spreads = (w.spreads ??= new Map<string, Values>());
  const name = key === null ? `${box.id}` : `${box.id}.${key}`;
  const known = spreads.get(name);
  if (known !== undefined) return known;
  // A box that is spread into itself adds nothing.
  spreads.set(name, none);
  try {
    const values = cellsOf(w, box, key, null);
    spreads.set(name, values);
    return values;
  } finally {
    if (isOutermost) w.spreads = null;
  }
}

function readCells(w: World, box: BoxValue, key: string | null, place: Place | null): Values {
  const thunks: Thunk[] = [];
  /** Entries whose key is only known at run time. */
  const computed: Thunk[] = [];
  let named = false;
  let out: Values = none;
  const { literal } = box;
  if (literal !== null && literal[0] === "l") {
    const spreadAt = literal[1].findIndex((item) => item[0] === "*");
    const known = spreadAt < 0 ? literal[1].length : spreadAt;
    let wanted: readonly Expr[];
    if (key === null || key === anyKey || key === appended) wanted = literal[1];
    else {
      const index = key.startsWith("#") ? Number(key.slice(1)) : Number.NaN;
      const place = index < 0 ? literal[1].length + index : index;
      if (Number.isNaN(place)) wanted = [];
      else if (place < known || (spreadAt < 0 && index < 0))
        wanted = literal[1][place] === undefined ? [] : [literal[1][place]];
      else wanted = literal[1].slice(known);
    }
    for (const item of wanted) {
      if (item[0] === "*") {
        out = join(
          out,
          key === null
            ? w.eval(item, box.frame!, box.scope, box.at, box.region)
            : spreadItems(w, box, item, key, known),
        );
      } else thunks.push(entryThunk(box, item));
    }
    if (key !== null && key.startsWith("#")) {
      const index = Number(key.slice(1));
      if (index < 0 || index >= known) thunks.push(...w.heap.at(box, appended));
    }
  } else if (literal !== null && literal[0] === "o") {
    for (let i = literal[1].length - 1; i >= 0; i--) {
      const [name, value] = literal[1][i]!;
      if (name === null && value[0] === "*") {
        let spread: Values = none;
        for (const other of w.eval(value[1], box.frame!, box.scope, box.at, box.region)) {
          if (other.is === "box" && other !== box && other.shape !== "list") {
            spread = join(spread, spreadCells(w, other, key));
          } else if (other.is === "module" && key !== null) spread = join(spread, w.moduleMember(other, key));
        }
        out = join(out, spread);
        if (key !== null && spread.length > 0) break;
      } else if (name === null) computed.push(entryThunk(box, value));
      else {
        named = true;
        if (key !== null && name !== key) continue;
        thunks.push(entryThunk(box, value));
        if (key !== null) break;
      }
    }
  } else if (box.shape === "generator" && box.frame !== null) {
    for (const value of box.frame.file.scope(box.scope).yields ?? []) {
      out = join(out, w.eval(value, box.frame, box.scope, -1, 0));
    }
    return out;
  }
  if (key === null) {
    for (const [, list] of w.heap.all(box)) thunks.push(...list);
    for (const thunk of [...thunks, ...computed]) out = join(out, w.thunk(thunk));
    return out;
  }
  thunks.push(...w.heap.at(box, key));
  if (literal === null && key.startsWith("#")) thunks.push(...w.heap.at(box, appended));
  if (thunks.length > 0 || out.length > 0) {
    const seen = visible(thunks, place);
    for (let i = 0; i < seen.length; i++) out = join(out, w.thunk(seen[i]!));
    return out;
  }
  // Nothing of that name. An unknown key may be it, in a table that is filled by unknown keys alone.
  computed.push(...w.heap.at(box, anyKey));
  if (computed.length === 0 || (named && box.shape !== "list")) return none;
  if (box.shape !== "list" && [...w.heap.all(box).keys()].some((one) => one !== anyKey && one !== appended))
    return none;
  for (const thunk of computed) out = join(out, w.thunk(thunk));
  return out;
}

/** What a list that is spread into another has at a place of that one; `before`: how many stand in front of it. */
function spreadItems(
  w: World,
  box: BoxValue,
  item: Extract<Expr, readonly ["*", Expr]>,
  key: string,
  before: number,
): Values {
  const frame = box.frame!;
  const place = Number(key.slice(1)) - before;
  // Literals are spread to say that nothing is known of the places of what they hold.
  if (item[1][0] === "l" || !key.startsWith("#") || !(place >= 0))
    return w.eval(item, frame, box.scope, box.at, box.region);
  let out: Values = none;
  for (const list of w.eval(item[1], frame, box.scope, box.at, box.region)) {
    const isList = list.is === "box" && list.shape === "list";
    out = join(
      out,
      isList
        ? spreadCells(w, list, `#${place}`)
        : iterate(w, list, w.place(frame, box.scope, box.at, box.region, item)),
    );
  }
  return out;
}

/** What iterating a value gives. */
export function iterate(w: World, value: Value, place: Place): Values {
  if (value.is === "box") {
    const semantics = w.semantics(place.frame.file);
    if (value.shape === "dict" && semantics.receiver === "first") return keysOf(w, value);
    // An object is iterated by its own iterator, if it has one.
    const isIterable =
      value.shape === "dict" &&
      value.literal?.[0] === "o" &&
      value.literal[1].some(([key]) => key !== null && key.startsWith("[Symbol."));
    const own = isIterable ? (semantics.iterateInstance?.(w, value, place) ?? none) : none;
    return own.length > 0 ? own : cellsOf(w, value, null, null);
  }
  if (value.is === "instance") return w.semantics(place.frame.file).iterateInstance?.(w, value, place) ?? none;
  if (value.is === "external") return [value];
  return none;
}

export function keysOf(w: World, box: BoxValue): Values {
  const keys = new Set<string>();
  if (box.literal?.[0] === "o") for (const [key] of box.literal[1]) if (key !== null) keys.add(key);
  for (const key of w.heap.all(box).keys()) if (key !== anyKey && key !== appended) keys.add(key);
  let out: Values = none;
  for (const key of keys) out = join(out, [w.values.text(key)]);
  return out;
}

/** The items of a list whose order is known: a literal without spreads that nothing was appended to. */
export function orderedItems(w: World, list: BoxValue, place: Place): Values[] | null {
  if (list.shape !== "list") return null;
  const { literal } = list;
  if (literal !== null && (literal[0] !== "l" || literal[1].some((item: Expr) => item[0] === "*"))) return null;
  const cells = w.heap.all(list);
  if (cells.has(anyKey) || cells.has(appended)) return null;
  if (literal !== null) return literal[1].map((_, i) => cellsOf(w, list, `#${i}`, place));
  const items: Values[] = [];
  for (let i = 0; cells.has(`#${i}`); i++) items.push(cellsOf(w, list, `#${i}`, place));
  return items;
}

/** A list of these items in this order, made at a place. */
export function orderedList(w: World, items: readonly Values[], place: Place, tag: string): BoxValue {
  const { frame, scope, at, r: region } = place;
  const box = w.values.box(`${place.key}:${tag}`, { shape: "list", literal: null, frame, scope, at, region });
  items.forEach((values, i) => {
    if (values.length === 0) return;
    const made = { expr: null, type: false, values, frame, scope, at: -1, r: 0, replaces: false };
    w.heap.put(box, `#${i}`, made);
  });
  return box;
}

const isSlice = (key: string): boolean => /^-?\d*:-?\d*$/.test(key);

/** `list[1:-1]`: a list of its own where the order is known, else the list itself. */
export function sliceOf(w: World, list: BoxValue, bounds: string, place: Place): Value {
  const items = orderedItems(w, list, place);
  if (items === null) return list;
  const [from = "", to = ""] = bounds.split(":");
  const taken = items.slice(Number(from), to === "" ? undefined : Number(to));
  return orderedList(w, taken, place, `${list.id}:${bounds}`);
}

/** What destructuring takes from a generator: its yields in their order, where it runs straight through. */
function yieldedAt(w: World, value: BoxValue, keys: Values): Values {
  const [key, ...more] = keys;
  if (value.frame === null || key?.is !== "number" || more.length > 0) return none;
  const { yields = [], regions } = value.frame.file.scope(value.scope);
  if (regions !== undefined || yields.some((one) => one[0] === "e")) return cellsOf(w, value, null, null);
  const one = yields[key.value];
  return one === undefined ? none : w.eval(one, value.frame, value.scope, -1, 0);
}

/** `value[key]`. */
export function index(w: World, value: Value, keys: Values, place: Place): Values {
  const semantics = w.semantics(place.frame.file);
  if (value.is === "box") {
    if (value.shape === "promise") return none;
    if (value.shape === "generator") return yieldedAt(w, value, keys);
    let out: Values = none;
    if (keys.length === 0) return cellsOf(w, value, null, null);
    for (const key of keys) {
      if (key.is === "number") {
        const name = value.shape === "list" ? `#${key.value}` : String(key.value);
        out = join(out, cellsOf(w, value, name, place));
      } else if (key.is === "text" && value.shape === "list" && isSlice(key.text)) {
        out = join(out, [sliceOf(w, value, key.text, place)]);
      } else if (key.is === "text") {
        const known = cellsOf(w, value, key.text, place);
        out = join(out, known);
      }
    }
    return out;
  }
  if (value.is === "external") return [value];
  if (semantics.receiver === "this") {
    let out: Values = none;
    for (const key of keys) if (key.is === "text") out = join(out, w.member(value, key.text, place));
    return out;
  }
  return semantics.indexInstance?.(w, value, keys, place) ?? (value.is === "class" ? [value] : none);
}
