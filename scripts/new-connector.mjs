// `npm run new:connector <name>`: a folder below connectors/ that passes the conformance suite, to be changed into the real one.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const template = join(root, "scripts", "connector-template");

/** Writes the folder `<connectors>/<id>`; answers the files that it made. Throws when the name will not do. */
export function makeConnector(id, connectors = join(root, "connectors")) {
  if (!/^[a-z][a-z0-9-]*[a-z0-9]$/.test(id) || id === "testing")
    throw new Error(
      `The name should be lower-case letters, digits and dashes, such as jira or azure-devops; got ${id}.`,
    );
  const folder = join(connectors, id);
  if (existsSync(folder)) throw new Error(`${folder} is there already.`);
  const name = id
    .split("-")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(" ");
  const made = [];
  for (const path of readdirSync(template, { recursive: true }).filter((one) => one.endsWith(".template"))) {
    const target = join(folder, path.replace(/\.template$/, ""));
    mkdirSync(dirname(target), { recursive: true });
    const text = readFileSync(join(template, path), "utf8");
    writeFileSync(target, text.replaceAll("{{id}}", id).replaceAll("{{Name}}", name), { flag: "wx" });
    made.push(target);
  }
  return made;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const made = makeConnector(process.argv[2] ?? "");
    console.log(made.map((path) => path.slice(root.length + 1)).join("\n"));
    console.log(`\nNow make it the real one, and run: npm test -- connectors/conformance.test.ts`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
