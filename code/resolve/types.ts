// Declared types: the values that something of a type may be.
import type { Expr } from "../ir.ts";
import { anyKey } from "./heap.ts";
import { join, none, type BoxValue, type Value, type Values } from "./values.ts";
import type { Place } from "./place.ts";
import type { World } from "./world.ts";

/** Instances of the type that `expr` spells. */
export function instancesOf(w: World, expr: Expr, place: Place, depth = 0): Values {
  if (depth > 6) return none;
  switch (expr[0]) {
    case "?":
    case "#":
      return none;
    case "u": {
      let out: Values = none;
      for (const option of expr[1]) out = join(out, instancesOf(w, option, place, depth + 1));
      return out;
    }
    case "this": {
      const self = w.receiver(place.frame, place.scope);
      return self === null ? none : [self];
    }
    case "s":
      return /^[A-Za-z_][\w.]*$/.test(expr[1]) ? instancesOf(w, dotted(expr[1]), place, depth + 1) : none;
    case "I":
      return instancesOf(w, expr[1], place, depth + 1);
    case "l": {
      // Several results: a list whose places have types of their own.
      const boxes = typedBox(w, "list", undefined, place);
      expr[1].forEach((type, i) => {
        if (type[0] === "?") return;
        w.heap.put(boxes[0]!, `#${i}`, {
          expr: type,
          type: true,
          values: null,
          frame: place.frame,
          scope: place.scope,
          at: 0,
          r: 0,
          replaces: false,
        });
      });
      return boxes;
    }
    case "g": {
      const [, head, args] = expr;
      const name = head[0] === "n" ? head[1] : head[0] === "a" ? head[2] : "";
      if (name === "func")
        return [w.values.declared(place.frame.file, `${place.key}:func`, expr, place.scope, place.frame)];
      if (name === "typeof")
        return args[0] === undefined ? none : w.eval(args[0], place.frame, place.scope, Infinity, 0);
      const known = w.semantics(place.frame.file).typeInstances?.(w, name, args, place);
      if (known !== null && known !== undefined) return known;
      return instancesOf(w, head, place, depth + 1);
    }
    default: {
      if (expr[0] === "n") {
        const known = w.semantics(place.frame.file).typeInstances?.(w, expr[1], [], place);
        if (known !== null && known !== undefined && known.length > 0) return known;
      }
      let out: Values = none;
      for (const value of w.eval(expr, place.frame, place.scope, Infinity, 0)) {
        out = join(out, instanceOfValue(w, value));
      }
      return out;
    }
  }
}

const dotted = (name: string): Expr => {
  const [first, ...rest] = name.split(".");
  let expr: Expr = ["n", first!];
  for (const part of rest) expr = ["a", expr, part];
  return expr;
};

function instanceOfValue(w: World, value: Value): Values {
  switch (value.is) {
    case "class":
      return [w.values.instance(value, "", null, true)];
    case "function":
      return w.semantics(value.file).receiver === "this" ? [w.values.instance(value, "", null, true)] : none;
    case "external":
      return value.name === "" ? none : [w.values.externalResult(value)];
    case "native":
      return [w.values.native(value.name.endsWith("()") ? value.name : `${value.name}()`)];
    case "instance":
      return [value];
    default:
      return none;
  }
}

/** A list, dict or promise of which only the type of its elements is known. */
export function typedBox(w: World, shape: BoxValue["shape"], element: Expr | undefined, place: Place): Values {
  const box = w.values.box(`${place.key}:${shape}`, {
    shape,
    literal: null,
    frame: place.frame,
    scope: place.scope,
    at: place.at,
    region: place.r,
  });
  if (element !== undefined && element[0] !== "?") {
    w.heap.put(box, anyKey, {
      expr: element,
      type: true,
      values: null,
      frame: place.frame,
      scope: place.scope,
      at: 0,
      r: 0,
      replaces: false,
    });
  }
  return [box];
}
