// How V8 is set for a process that lives for one run. Plain JavaScript: the command line's launcher reads it on any Node.
import v8 from "node:v8";

/**
 * V8 lets garbage grow in proportion to limits that follow the machine's memory: indexing takes twice the memory without these, which
 * can't be set once it runs. A heap that begins at the size that a run needs is not searched for garbage while it grows there.
 */
export const indexFlags = [
  "--min-semi-space-size=8",
  "--max-semi-space-size=8",
  "--initial-old-space-size=96",
  "--max-old-space-size=1024",
];

/**
 * Young objects get 8 MB from the start: at 4 a syntax tree is copied before it is done with (measured: 8 % more CPU). Only flags that
 * leave `v8.cachedDataVersionTag()` as it is: with any other, Node refuses the compiled form of its own modules that it brings along and
 * compiles them from text, which is 20 ms of a parser's start.
 */
export const parserFlags = (memoryMb) => [
  "--min-semi-space-size=8",
  "--max-semi-space-size=8",
  `--max-old-space-size=${memoryMb}`,
];

/**
 * Maglev is V8's last compiler from now on: a run is too short for TurboFan to give back what it costs, up to a quarter of a run's CPU
 * (at 100 MB of source they are even). As a flag it would change the tag.
 */
export const leaveOutLastCompiler = () => v8.setFlagsFromString("--no-turbofan");
