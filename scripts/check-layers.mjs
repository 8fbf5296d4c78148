// Checks that imports go down only, and checks the check: it must see a minimum of modules and refuse a deliberately bad fixture.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import config from "../.dependency-cruiser.mjs";

const root = join(import.meta.dirname, "..");
process.chdir(root);
const minimumModules = 335;
const tsConfig = extractTSConfig("tsconfig.json");

async function look(places) {
  const { output } = await cruise(
    places,
    { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true },
    undefined,
    { tsConfig },
  );
  return output;
}

let failed = false;
const places = ["contract", "code", "connectors", "server", "cli", "web", "e2e", "bench"].filter((folder) =>
  existsSync(folder),
);
const seen = await look(places);
const own = seen.modules.filter(
  (module) => !module.source.includes("node_modules") && /\.tsx?$/.test(module.source),
).length;
for (const violation of seen.summary.violations) {
  failed = true;
  const cycle = violation.cycle?.map((step) => step.name ?? step).join(" → ") ?? "";
  console.error(`${violation.rule.name}: ${violation.from} → ${violation.to} ${cycle}`);
}
if (own < minimumModules) {
  failed = true;
  console.error(
    `The layer check saw ${own} modules of ours, fewer than ${minimumModules}: it is blind, and its "ok" means nothing.`,
  );
}
const bad = await look(["scripts/fixtures/bad-layers"]);
if (!bad.summary.violations.some((violation) => violation.rule.name === "contract-imports-down-only")) {
  failed = true;
  console.error("The layer check accepted scripts/fixtures/bad-layers, which imports upward.");
}
console.log(
  `${own} modules, ${seen.summary.totalDependenciesCruised} imports, ${seen.summary.violations.length} violations`,
);
process.exit(failed ? 1 : 0);
