// `npm run bench -- <name> [options]`: runs `bench/<name>.ts`. Without a name it lists them.
import { existsSync, readdirSync } from "node:fs";

const [name, ...options] = process.argv.slice(2);
const here = new URL(".", import.meta.url);
const names = readdirSync(here)
  .filter((file) => /^[a-z]+\.ts$/.test(file) && file !== "main.ts" && file !== "measure.ts")
  .map((file) => file.slice(0, -3));
if (name === undefined || !names.includes(name) || !existsSync(new URL(`${name}.ts`, here))) {
  console.error(`Usage: npm run bench -- <name> [options]. There are: ${names.join(", ")}.`);
  process.exitCode = 2;
} else {
  const { run } = (await import(`./${name}.ts`)) as { run(options: readonly string[]): Promise<void> };
  await run(options);
}
