// Imports go down only: cli, server → code, connectors → contract; web → contract. See ARCHITECTURE.md.
const workspaces = ["contract", "code", "connectors", "server", "cli", "web", "e2e", "bench"];

/** A workspace may import itself and what is listed; everything else of ours is forbidden. */
const allowed = {
  contract: [],
  code: ["contract"],
  connectors: ["contract"],
  server: ["contract", "code", "connectors"],
  cli: ["contract", "code", "connectors", "server"],
  web: ["contract"],
  bench: ["contract", "code", "connectors", "server", "cli"],
  e2e: ["contract", "code", "connectors", "server", "cli"],
};

const layers = workspaces.map((from) => ({
  name: `${from}-imports-down-only`,
  severity: "error",
  from: { path: `^(scripts/fixtures/bad-layers/)?${from}/` },
  to: {
    path: `^(scripts/fixtures/bad-layers/)?(${workspaces.filter((to) => to !== from && !allowed[from].includes(to)).join("|") || "nothing"})/`,
  },
}));

export default {
  forbidden: [
    ...layers,
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "store-is-below-everything",
      comment: "main → api, jobs → domains → store",
      severity: "error",
      from: { path: "^server/src/store/" },
      to: { path: "^server/src/(?!store/|verb\\.ts)" },
    },
    {
      name: "domains-know-no-door",
      severity: "error",
      from: { path: "^server/src/(?!api/|testing/)[^/]+/", pathNot: ["\\.test\\.ts$", "/testing/"] },
      to: { path: "^server/src/api/" },
    },
    {
      name: "only-store-knows-a-dialect",
      severity: "error",
      from: { path: "^(server/src|cli|code)/", pathNot: ["^server/src/store/", "\\.test\\.ts$"] },
      to: { path: "^(node:sqlite|sqlite)$|node_modules/pg/" },
    },
    {
      name: "only-main-constructs",
      severity: "error",
      from: { path: "^server/src/[^/]+/", pathNot: ["\\.test\\.ts$", "/testing/"] },
      to: { path: "^server/src/(main|server|application|all-verbs|rotate-master-key)\\.ts$" },
    },
    {
      name: "connectors-know-no-sibling",
      comment: "A connector sees its own folder, the files beside it and contract",
      severity: "error",
      from: { path: "^connectors/([^/]+)/", pathNot: "^connectors/testing/" },
      to: { path: "^connectors/[^/]+/", pathNot: ["^connectors/$1/", "^connectors/testing/", "/node_modules/"] },
    },
    {
      name: "connector-framework-knows-no-vendor",
      severity: "error",
      from: { path: "^connectors/([^/]+\\.ts$|testing/)", pathNot: "\\.test\\.ts$" },
      to: { path: "^connectors/(?!testing/)[^/]+/" },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|node_modules/\\.vite)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
    },
  },
};
