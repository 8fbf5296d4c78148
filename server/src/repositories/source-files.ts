// Reads indexed text from git: from the user's own repository for a path, from the server's copy for a URL.
import { locateRepository } from "@opentrace/code/git/open-repository.ts";
import { readBlobs } from "@opentrace/code/git/read-blobs.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { SourceFiles } from "../graph/source-files.ts";
import type { Repositories } from "./repositories.ts";

export function createSourceFiles(deps: { repositories: Pick<Repositories, "all">; cacheFolder: string }): SourceFiles {
  return {
    async *read(ctx, source, blobs, limitBytes) {
      if (blobs.length === 0) return;
      const row = (await deps.repositories.all(ctx.workspace)).find((candidate) => candidate.key === source);
      if (row === undefined) throw new AppError("not_found", `There is no repository ${source}.`);
      const place = await locateRepository(row.source, deps.cacheFolder, ctx.signal);
      if (place === null)
        throw new AppError(
          "unavailable",
          `The copy of ${source} is not at hand: sync the repository to fetch it again.`,
        );
      yield* readBlobs(place, blobs, limitBytes, ctx.signal);
    },
  };
}
