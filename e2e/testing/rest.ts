// The little of the REST API that browser tests need to get to where they start.
import { z } from "zod";
import { Repository } from "@opentrace/contract/repositories.ts";

const Added = z.object({ repository: z.object({ id: z.string() }) });

/** Adds a repository and waits until it is indexed. */
export async function addRepository(url: string, source: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/repositories`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ source }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { repository } = Added.parse(await response.json());
  for (let tries = 0; tries < 600; tries += 1) {
    const now = Repository.parse(await (await fetch(`${url}/api/v1/repositories/${repository.id}`)).json());
    if (now.state === "ready") return repository.id;
    if (now.state === "failing") throw new Error(`Indexing failed: ${now.error}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${source} was not indexed within a minute.`);
}

const Found = z.object({ hits: z.array(z.object({ node: z.object({ id: z.string(), name: z.string() }) })) });

/** The id of the node with exactly this name. */
export async function nodeId(url: string, name: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/graph/search?q=${encodeURIComponent(name)}&limit=20`);
  const hit = Found.parse(await response.json()).hits.find(({ node }) => node.name === name);
  if (!hit) throw new Error(`The graph has no node named ${name}.`);
  return hit.node.id;
}
