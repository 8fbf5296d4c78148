// What leaves a project: the project itself, releases, deployments.
import { repositoryKey } from "@opentrace/contract/keys.ts";
import type { SyncRequest } from "../connector.ts";
import { type Context, projectOf } from "./client.ts";
import type { Facts } from "./facts.ts";
import type { Steps } from "./time-pages.ts";

/** Needs no request: the list of projects said it all. */
export async function* syncProject({ config }: Context, { scope }: SyncRequest): Steps {
  const ref = projectOf(scope, config);
  const facts: Facts = {
    nodes: [
      {
        key: repositoryKey(ref.repo),
        type: "Repository",
        name: ref.fullPath,
        props: {
          description: scope.description,
          url: scope.url,
          private: scope.private,
          archived: scope.archived,
          defaultBranch: scope.defaultBranch,
          topics: [...ref.topics],
        },
      },
    ],
    edges: [],
  };
  yield { is: "items", items: [{ id: "repository", facts }], cursor: null };
  return { complete: true, cursor: null };
}
