import { expect, test } from "vitest";
import { countWork, growth } from "./count-work.ts";

test("the same work counts the same twice", () => {
  const run = (): void => {
    for (let i = 0; i < 1000; i++) if (i % 3 === 0) "a,b".split(",");
  };
  run();
  expect(countWork(run)).toBe(countWork(run));
  expect(countWork(run)).toBeGreaterThan(1000);
});

test.each<[string, (size: number) => void]>([
  ["a loop", (size) => count(size)],
  ["a map", (size) => Array.from({ length: size }, (_, i) => i).map((i) => i + 1)],
  ["a walk through a string", (size) => "ab,".repeat(size).split(",")],
  ["a sticky expression that moves on", (size) => stick("ab,".repeat(size))],
])("%s is linear", (_, run) => {
  expect(growth(run, 500, 4)).toBeLessThan(1.3);
});

test.each<[string, (size: number) => void]>([
  ["a loop in a loop", (size) => twice(size)],
  ["a queue that shifts", (size) => shift(Array.from({ length: size }, (_, i) => i))],
  ["a look-up by indexOf", (size) => lookUp(Array.from({ length: size }, (_, i) => i))],
  ["a search from the start each time", (size) => again("ab,".repeat(size))],
  ["an expression that searches the rest and finds nothing", (size) => miss("ab,".repeat(size))],
])("%s is seen not to be linear", (_, run) => {
  expect(growth(run, 500, 4)).toBeGreaterThan(2.5);
});

function count(size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += i;
  return sum;
}

function twice(size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sum += j;
  return sum;
}

function shift(queue: number[]): void {
  while (queue.length > 0) queue.shift();
}

function lookUp(list: number[]): void {
  for (const each of list) list.indexOf(each);
}

function again(text: string): void {
  for (let at = text.indexOf(","); at >= 0; at = text.indexOf(",", at + 1)) text.slice(0, at).includes("!");
}

function stick(text: string): void {
  for (const word = /[a-z]+,/y; word.test(text);) word.lastIndex = Math.min(word.lastIndex, text.length);
}

function miss(text: string): void {
  for (let at = 0; at < text.length; at += 3) {
    const never = /!/g;
    never.lastIndex = at;
    never.test(text);
  }
}
