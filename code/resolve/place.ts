// Where something is evaluated: in which frame, at which point of it, and who wants to hear what is called back.
import type { Expr } from "../ir.ts";
import type { Frame } from "./frames.ts";
import type { CallArgs, Value } from "./values.ts";
import type { World } from "./world.ts";

export const anyTime = -1;

/** Where something is evaluated. `at` Infinity: when the scope has run; -1: at any time. */
export interface Place {
  readonly frame: Frame;
  readonly scope: number;
  readonly at: number;
  readonly r: number;
  /** Tells allocations of different places apart. */
  readonly key: string;
  /** Collects what built-ins call in turn; null: nobody asks. */
  readonly callbacks: Callback[] | null;
}

export interface Callback {
  readonly callee: Value;
  readonly args: CallArgs;
}

/** The same place, with another collector of what built-ins call. */
export const placeWith = (place: Place, callbacks: Callback[] | null): Place => ({
  frame: place.frame,
  scope: place.scope,
  at: place.at,
  r: place.r,
  key: place.key,
  callbacks,
});

/** The place of a call; named only when something is allocated at it. Its fields are not `#private`: see World. */
export class CallPlace implements Place {
  readonly frame: Frame;
  readonly scope: number;
  readonly at: number;
  readonly r: number;
  readonly callbacks: Callback[] | null;
  private readonly index: number;

  constructor(frame: Frame, index: number, callbacks: Callback[] | null) {
    const call = frame.file.call(index);
    this.frame = frame;
    this.scope = call.s;
    this.at = call.at;
    this.r = call.r;
    this.callbacks = callbacks;
    this.index = index;
  }

  get key(): string {
    return `${this.frame.id}:c${this.index}`;
  }
}

/** The place of an expression; the same holds for it. */
export class ExprPlace implements Place {
  readonly frame: Frame;
  readonly scope: number;
  readonly at: number;
  readonly r: number;
  readonly callbacks: Callback[] | null = null;
  private readonly world: World;
  private readonly expr: Expr;

  constructor(world: World, frame: Frame, scope: number, at: number, r: number, expr: Expr) {
    this.world = world;
    this.frame = frame;
    this.scope = scope;
    this.at = at;
    this.r = r;
    this.expr = expr;
  }

  get key(): string {
    return `${this.frame.id}:${this.world.exprId(this.expr)}`;
  }
}
