// What changed, since when, and who did it.
import type { ChangesAnswer } from "../../repositories/changes.ts";
import type { Question } from "../grammar.ts";
import type { GraphAccess } from "../graph-access.ts";
import { codeSpan, bullets, count, label } from "../wording.ts";
import { type Answered, answered, unknown, when, most } from "./answered.ts";

export async function changes(
  { of, since, who }: Question & { intent: "changes" },
  access: GraphAccess,
): Promise<Answered> {
  const node = of === null ? null : await access.resolve(of, "Repository");
  if (of !== null && node === null) return unknown(of);
  const answer = await access.run<ChangesAnswer>("repositories.changes", {
    node: node?.id,
    since: since?.at.toISOString(),
    limit: who ? 500 : 50,
  });
  const about = node === null ? "" : ` in ${label(node)}`;
  const time =
    since === null
      ? ""
      : ` ${/^(since|in|over|within|during|after|from|last|on|today|this|yesterday|recently|lately)/i.test(since.text) ? since.text : `since ${since.text}`}`;
  const nodes = node === null ? [] : [node];
  if (answer.commits.length === 0)
    return answered(`No commits${about}${time}.${answer.detail === null ? "" : ` ${answer.detail}`}`, nodes);
  const note = answer.detail === null ? "" : `\n\n${answer.detail}`;
  if (who) {
    const authors = Map.groupBy(answer.commits, (commit) => commit.author);
    const lines = [...authors]
      .sort((a, b) => b[1].length - a[1].length)
      .map(
        ([author, commits]) =>
          `${codeSpan(author)}: ${count(commits.length, "commit")}, last ${when(commits[0]?.committedAt ?? "")}`,
      );
    return answered(
      `${count(authors.size, "person", "people")} changed ${node === null ? "the code" : label(node)}${time}:\n\n${bullets(lines, most)}${note}`,
      nodes,
      answer.page.truncated,
    );
  }
  const files = new Set(
    answer.commits.flatMap((commit) => commit.files.map((file) => `${commit.repository}#${file.path}`)),
  );
  const lines = answer.commits
    .slice(0, most)
    .map(
      (commit) =>
        `\`${commit.sha.slice(0, 10)}\` ${codeSpan(commit.subject)} — ${codeSpan(commit.author)}, ${when(commit.committedAt)}`,
    );
  return answered(
    `${count(answer.commits.length, "commit")}${answer.page.truncated ? " (and more)" : ""} changed ${count(files.size, "file")}${about}${time}:\n\n${bullets(lines, most, answer.commits.length - lines.length)}${note}`,
    [...nodes, ...answer.nodes],
    answer.page.truncated,
  );
}
