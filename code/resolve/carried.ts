// Is something of the resolved file's own among what a value is or leads to? Only then can foreign code that gets it call into that file.
import type { Expr } from "../ir.ts";
import { cellsOf } from "./containers.ts";
import { walk } from "./expressions.ts";
import type { Frame } from "./frames.ts";
import type { BoxValue, CallArgs, InstanceValue, Value, Values } from "./values.ts";
import type { World } from "./world.ts";

const anyOwn = (w: World, values: Values): boolean => values.some((value) => isOwn(w, value));

const argsOwn = (w: World, args: CallArgs): boolean =>
  args.positional.some((values) => anyOwn(w, values)) ||
  anyOwn(w, args.rest) ||
  anyOwn(w, args.namedRest) ||
  [...args.named.values()].some((values) => anyOwn(w, values));

/** A callable or an object through which a callable of the resolved file can be reached. */
function isOwn(w: World, value: Value): boolean {
  switch (value.is) {
    case "function":
      if (value.file === w.own) return true;
      if (value.self !== null && isOwn(w, value.self)) return true;
      return value.env !== null && runsWithOwn(w, value.env);
    case "class":
      return value.file === w.own || (value.env !== null && runsWithOwn(w, value.env));
    case "prototype":
      return isOwn(w, value.of);
    case "super":
      return isOwn(w, value.self);
    case "module":
      return value.path === w.own.path;
    case "native":
      return (value.self !== null && isOwn(w, value.self)) || (value.bound !== null && argsOwn(w, value.bound));
    case "instance":
    case "box": {
      let known = w.carrying.get(value.id);
      if (known === undefined) {
        w.carrying.set(value.id, false);
        known = holdsOwn(w, value);
        w.carrying.set(value.id, known);
      }
      return known;
    }
    default:
      return false;
  }
}

/** What other files' code put together is told by what it mentions: to evaluate all of it would cost more than it spares. */
function holdsOwn(w: World, value: BoxValue | InstanceValue): boolean {
  if (value.is === "instance") {
    if (isOwn(w, value.of) || (value.args !== null && argsOwn(w, value.args))) return true;
  } else if (value.frame !== null) {
    const isMade = value.shape === "generator" || value.shape === "promise";
    if (value.frame.file === w.own) {
      if (isMade || anyOwn(w, cellsOf(w, value, null, null))) return true;
    } else if (
      isMade ? runsWithOwn(w, value.frame) : value.literal !== null && mentionsOwn(w, value.literal, value.frame)
    ) {
      return true;
    }
  }
  if (!w.heap.has(value)) return false;
  for (const thunks of w.heap.all(value).values()) {
    for (const thunk of thunks) {
      const isKnown = thunk.values !== null || thunk.frame.file === w.own;
      if (isKnown ? anyOwn(w, w.thunk(thunk)) : mentionsOwn(w, thunk.expr!, thunk.frame)) return true;
    }
  }
  return false;
}

/** Does an expression of another file name a parameter that was given something own? */
function mentionsOwn(w: World, expr: Expr, frame: Frame): boolean {
  if (!frame.bound) return false;
  let found = false;
  walk(expr, (part) => {
    if (part[0] === "n") {
      for (let at: Frame | null = frame; at !== null && at.bound; at = at.parent) {
        const given = at.params.get(part[1]);
        if (given !== undefined && anyOwn(w, given)) found = true;
      }
    }
    return !found;
  });
  return found;
}

/** Has a foreign function's run been given anything of the resolved file? */
function runsWithOwn(w: World, frame: Frame): boolean {
  for (let at: Frame | null = frame; at !== null; at = at.parent) {
    if (!at.bound) return false;
    if (at.file === w.own) return true;
    if (at.self !== null && isOwn(w, at.self)) return true;
    for (const values of at.params.values()) if (anyOwn(w, values)) return true;
  }
  return false;
}

/** Could what a frame is given decide a call in it, and, in another file, one that its owner doesn't know of? */
export function isWorthFollowing(w: World, frame: Frame): boolean {
  // A receiver and a closure of its own are always worth a look.
  if (frame.parent?.bound === true || frame.self !== w.freeFrame(frame.file, frame.scope).self) return true;
  return decidesCalls(w, frame) && (frame.file === w.own || runsWithOwn(w, frame));
}

function decidesCalls(w: World, { file, scope, params }: Frame): boolean {
  const mentions = w.mentions(file, scope);
  for (const name of params.keys()) {
    if (mentions.called.has(name) || mentions.passed.has(name) || mentions.filled.has(name)) return true;
  }
  return mentions.keys.size > 0;
}
