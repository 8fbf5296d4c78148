import type { ImportResolver, ProjectFiles } from "../../language.ts";
export function createImportResolver(_project: ProjectFiles): ImportResolver {
  return { resolve: () => ({ is: "unresolved" }), moduleName: () => null };
}
