// What manifests state: the packages a repository declares and those it depends on. One scope a manifest.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { directoryKey, fileKey, packageKey, repositoryKey } from "@opentrace/contract/keys.ts";
import type { Manifest, StatedDependency } from "../languages/language.ts";
import { hashScope, type HashedScope } from "./scope.ts";

const manifestScope = (path: string): string => `manifest:${path}`;

/** The manifest's file, its package if it declares one, and the repository (for the root's and for nameless ones) depend on what it states. */
export function manifestFacts(repo: string, path: string, manifests: readonly Manifest[]): HashedScope {
  const nodes = new Map<string, NodeFact>();
  const edges = new Map<string, EdgeFact>();
  const file = fileKey(repo, path);
  const slash = path.lastIndexOf("/");
  const holder = slash < 0 ? repositoryKey(repo) : directoryKey(repo, path.slice(0, slash));

  for (const manifest of manifests) {
    const sources = [file];
    if (manifest.package === null || slash < 0) sources.push(repositoryKey(repo));
    if (manifest.package !== null) {
      const { ecosystem, name, version, props } = manifest.package;
      const key = packageKey(ecosystem, name);
      const own = { ecosystem, local: true, ...(version === undefined ? {} : { version }), ...props };
      nodes.set(key, { key, type: "Package", name, props: own });
      addEdge(edges, { from: holder, to: key, type: "CONTAINS", evidence: [path] });
      addEdge(edges, { from: file, to: key, type: "DEFINES", evidence: [path] });
      sources.push(key);
    }
    for (const dependency of manifest.dependencies) {
      const { ecosystem, name } = dependency.package;
      const key = packageKey(ecosystem, name);
      if (!nodes.has(key)) nodes.set(key, { key, type: "Package", name, props: { ecosystem } });
      for (const from of sources) if (from !== key) addEdge(edges, dependencyEdge(from, key, path, dependency));
    }
  }
  return hashScope({ scope: manifestScope(path), nodes: [...nodes.values()], edges: [...edges.values()] });
}

function dependencyEdge(from: string, to: string, path: string, dependency: StatedDependency): EdgeFact {
  const { constraint, kind, line } = dependency;
  return {
    from,
    to,
    type: "DEPENDS_ON",
    props: { constraint, kind },
    evidence: [line === undefined ? path : `${path}:${line}`],
  };
}

function textProp(edge: EdgeFact, name: string): string {
  const value = edge.props?.[name];
  return typeof value === "string" ? value : "";
}

/** One fact for each (from, to, type): a dependency stated twice (runtime and peer) keeps the first and notes the others. */
function addEdge(edges: Map<string, EdgeFact>, edge: EdgeFact): void {
  const id = `${edge.type}\0${edge.from}\0${edge.to}`;
  const known = edges.get(id);
  if (known === undefined) {
    edges.set(id, edge);
    return;
  }
  const evidence = [...new Set([...(known.evidence ?? []), ...(edge.evidence ?? [])])].slice(0, 20);
  const stated = [textProp(edge, "kind"), textProp(edge, "constraint")].join(" ").trim();
  const also = [textProp(known, "also"), stated].filter((text) => text !== "").join(", ");
  edges.set(id, { ...known, evidence, ...(also === "" ? {} : { props: { ...known.props, also } }) });
}
