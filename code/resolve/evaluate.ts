// What a symbolic expression may mean where it stands: the step from its form to the questions that answer it.
import type { Expr } from "../ir.ts";
import { callResult } from "./calls.ts";
import { thrownBy } from "./thrown.ts";
import { index as indexValue, iterate } from "./containers.ts";
import type { Frame } from "./frames.ts";
import { member } from "./members.ts";
import { importValue } from "./modules.ts";
import { lookup } from "./names.ts";
import { receiver, superOf } from "./receivers.ts";
import { instancesOf } from "./types.ts";
import { join, none, type Value, type Values } from "./values.ts";
import type { World } from "./world.ts";

/** Texts that one expression may put together. */
const maxTexts = 16;

export function evaluate(w: World, expr: Expr, frame: Frame, scope: number, at: number, r: number): Values {
  switch (expr[0]) {
    case "?":
      return none;
    case "n":
      return lookup(w, expr[1], frame, scope, at, r);
    case "s":
      return [w.values.text(expr[1])];
    case "#":
      return [w.values.number(expr[1])];
    case "this": {
      const self = receiver(w, frame, scope);
      return self === null ? none : [self];
    }
    case "super": {
      const value = superOf(w, frame, scope);
      return value === null ? none : [value];
    }
    case "a":
      if (expr[1][0] === "?") return none;
      return w.begin(frame, expr) ?? w.done(memberOf(w, expr, frame, scope, at, r));
    case "i":
      return w.begin(frame, expr) ?? w.done(itemOf(w, expr, frame, scope, at, r));
    case "e":
    case "*":
      return w.begin(frame, expr) ?? w.done(elementsOf(w, expr, frame, scope, at, r));
    case "w": {
      const values = w.eval(expr[1], frame, scope, at, r);
      if (!values.some(isPromise)) return values;
      return w.settle(values, w.place(frame, scope, at, r, expr));
    }
    case "c":
      return callResult(w, expr[1], frame);
    case "t":
      return thrownBy(w, expr[1], frame);
    case "+":
      return joinedTexts(w, expr, frame, scope, at, r);
    case "d": {
      const result = callResult(w, expr[1], frame);
      const made = result.some(isExternal) ? result.filter((value) => !isExternal(value)) : result;
      return made.length > 0 ? made : w.eval(expr[2], frame, scope, at, r);
    }
    case "f":
      return [w.functionValue(frame, expr[1])];
    case "k":
      return [w.values.class(frame.file, expr[1], w.envFor(frame, expr[1]))];
    case "o":
    case "l":
      return [w.values.literal(expr, frame, scope, at, r)];
    case "u": {
      let out: Values = none;
      for (let i = 0; i < expr[1].length; i++) out = join(out, w.eval(expr[1][i]!, frame, scope, at, r));
      return out;
    }
    case "m":
      return importValue(w, frame.file, expr[1]);
    case "I":
      return instancesOf(w, expr[1], w.place(frame, scope, at, r, expr));
    case "g":
      return w.eval(expr[1], frame, scope, at, r);
  }
}

const isExternal = (value: Value): boolean => value.is === "external";
const isPromise = (value: Value): boolean => value.is === "box" && value.shape === "promise";

type Kind<K extends Expr[0]> = Extract<Expr, readonly [K, ...unknown[]]>;

/** `object.name` */
function memberOf(w: World, expr: Kind<"a">, frame: Frame, scope: number, at: number, r: number): Values {
  const objects = w.eval(expr[1], frame, scope, at, r);
  if (objects.length === 0) return none;
  const place = w.place(frame, scope, at, r, expr);
  let out: Values = none;
  for (let i = 0; i < objects.length; i++) out = join(out, member(w, objects[i]!, expr[2], place));
  return out;
}

/** `object[key]` */
function itemOf(w: World, expr: Kind<"i">, frame: Frame, scope: number, at: number, r: number): Values {
  const objects = w.eval(expr[1], frame, scope, at, r);
  if (objects.length === 0) return none;
  const keys = w.eval(expr[2], frame, scope, at, r);
  const place = w.place(frame, scope, at, r, expr);
  let out: Values = none;
  for (let i = 0; i < objects.length; i++) out = join(out, indexValue(w, objects[i]!, keys, place));
  return out;
}

/** Texts put together, where all of them are known. */
function joinedTexts(w: World, expr: Kind<"+">, frame: Frame, scope: number, at: number, r: number): Values {
  let texts = [""];
  for (const part of expr[1]) {
    const next: string[] = [];
    for (const value of w.eval(part, frame, scope, at, r)) {
      if (value.is === "text") next.push(...texts.map((text) => text + value.text));
      else if (value.is === "number") next.push(...texts.map((text) => text + value.value));
    }
    if (next.length === 0 || next.length > maxTexts) return none;
    texts = next;
  }
  return texts.map((text) => w.values.text(text));
}

/** What iterating gives. */
function elementsOf(w: World, expr: Kind<"e" | "*">, frame: Frame, scope: number, at: number, r: number): Values {
  const values = w.eval(expr[1], frame, scope, at, r);
  if (values.length === 0) return none;
  const place = w.place(frame, scope, at, r, expr);
  let out: Values = none;
  for (let i = 0; i < values.length; i++) out = join(out, iterate(w, values[i]!, place));
  return out;
}
