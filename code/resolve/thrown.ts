// What functions throw to those who call them: the values of their own `throw`s, and what the functions that they call let out.
import { constructorsOf, evalArgs } from "./calls.ts";
import { frameFor } from "./call-frames.ts";
import type { Frame } from "./frames.ts";
import { CallPlace } from "./place.ts";
import { join, none, type Values } from "./values.ts";
import type { World } from "./world.ts";

/** Functions that an error is followed through on its way to who catches it. */
const maxThrough = 4;
const maxCalls = 24;

/** What the functions that a call runs may throw. */
export function thrownBy(w: World, index: number, frame: Frame, through = 0): Values {
  const call = frame.file.call(index);
  const place = new CallPlace(frame, index, null);
  let out: Values = none;
  for (const callee of w.eval(call.f, frame, call.s, call.at, call.r)) {
    const runs =
      callee.is === "class" ? constructorsOf(w, callee, w.values.instance(callee, "", null), place) : [callee];
    for (const fn of runs) {
      if (fn.is === "function")
        out = join(out, thrownIn(w, frameFor(w, fn, evalArgs(w, index, frame), place), through));
    }
  }
  return out;
}

/** What a run of a function lets out. */
export function thrownIn(w: World, frame: Frame, through = 0): Values {
  return w.begin(frame, "thrown") ?? w.done(letOut(w, frame, through));
}

function letOut(w: World, frame: Frame, through: number): Values {
  const { file, scope } = frame;
  let out: Values = none;
  for (const binding of file.bindings(scope, "{thrown}")) out = join(out, w.binding(binding, frame, scope));
  if (through >= maxThrough) return out;
  const tried = file.bindings(scope, "{tried}");
  let left = maxCalls;
  for (const part of file.bodyOf(scope)) {
    for (const index of file.callsOf(part)) {
      const { at } = file.call(index);
      if (tried.some(({ at: from, v }) => at >= from && v[0] === "#" && at < v[1])) continue;
      if (left-- <= 0) return out;
      out = join(out, thrownBy(w, index, frame, through + 1));
    }
  }
  return out;
}
