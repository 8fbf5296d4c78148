// Counts what a piece of code does instead of how long it takes: the same number on every machine, however busy.
// Import it before what is counted: V8 counts the blocks of functions that are compiled from then on.
import { Session } from "node:inspector";

const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

/** How often any function or block of ours and of our libraries was entered since this was asked last. */
function takeSteps(): number {
  let steps = 0;
  // In the same thread the answer comes before `post` returns.
  session.post("Profiler.takePreciseCoverage", (error, answer) => {
    if (error) throw error;
    for (const { url, functions } of answer.result) {
      if (url.startsWith("node:") || /\/(vitest|@vitest|vite|chai|contract\/testing\/count-work\.ts)\b/.test(url))
        continue;
      for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    }
  });
  return steps;
}

/**
 * The steps of a synchronous `run`: blocks entered, and what built-in methods walk through in strings and arrays.
 * Not seen: spreads, copies of maps and sets, and a regular expression that backtracks.
 */
export function countWork(run: () => unknown): number {
  takeSteps();
  const builtIn = watchBuiltIns();
  try {
    run();
  } finally {
    builtIn.restore();
  }
  return takeSteps() + builtIn.walked();
}

/** How much more work each unit of size costs when there are `factor` times as many: about 1 when linear, `factor` when quadratic. */
export function growth(run: (size: number) => unknown, size: number, factor: number): number {
  run(1);
  const small = countWork(() => run(size));
  const large = countWork(() => run(size * factor));
  if (small < size) throw new Error(`${small} steps for a size of ${size}: nothing was counted`);
  return large / small / factor;
}

type Cost = (subject: string & readonly unknown[], args: unknown[], result: unknown) => number;

const whole: Cost = (subject) => subject.length;
const found: Cost = (subject, [, from], result) =>
  (typeof result === "number" && result >= 0 ? result + 1 : subject.length) - (typeof from === "number" ? from : 0);

const costs: [object, Record<string, Cost>][] = [
  [
    String.prototype,
    {
      indexOf: found,
      includes: whole,
      split: whole,
      replace: whole,
      replaceAll: whole,
      match: whole,
      search: whole,
      toLowerCase: whole,
      toUpperCase: whole,
      trim: whole,
      normalize: whole,
      repeat: (_, __, result) => (typeof result === "string" ? result.length : 0),
    },
  ],
  [
    Array.prototype,
    {
      indexOf: found,
      includes: whole,
      lastIndexOf: whole,
      slice: (_, __, result) => (Array.isArray(result) ? result.length : 0),
      splice: whole,
      shift: whole,
      unshift: whole,
      concat: (_, __, result) => (Array.isArray(result) ? result.length : 0),
      join: whole,
      reverse: whole,
      toSorted: whole,
      sort: whole,
      fill: whole,
      flat: whole,
    },
  ],
];

function watchBuiltIns(): { walked(): number; restore(): void } {
  let walked = 0;
  const undo: (() => void)[] = [];
  for (const [prototype, methods] of costs)
    for (const [name, cost] of Object.entries(methods)) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
      const original: unknown = descriptor?.value;
      if (!descriptor || typeof original !== "function") throw new Error(`There is no built-in method ${name}.`);
      const value = function (this: string & readonly unknown[], ...args: unknown[]): unknown {
        const result: unknown = Reflect.apply(original, this, args);
        walked += cost(this, args, result);
        return result;
      };
      Object.defineProperty(prototype, name, { ...descriptor, value });
      undo.push(() => Object.defineProperty(prototype, name, descriptor));
    }
  const expressions: RegExp = RegExp.prototype;
  const { exec } = expressions;
  const watched = function (this: RegExp, text: string): RegExpExecArray | null {
    const from = this.global || this.sticky ? this.lastIndex : 0;
    const match = Reflect.apply(exec, this, [text]);
    walked += match ? match.index + match[0].length - from : this.sticky ? 1 : text.length - from;
    return match;
  };
  const define = (value: typeof exec) =>
    Object.defineProperty(expressions, "exec", { value, writable: true, configurable: true });
  define(watched);
  undo.push(() => define(exec));
  return {
    walked: () => walked,
    restore: () => {
      for (const each of undo) each();
    },
  };
}
