// What changed, since when, and who did it.
import type { ChangesAnswer } from "../../repositories/changes.ts";
import type { Question } from "../grammar.ts";
import type { GraphAccess } from "../graph-access.ts";
import { codeSpan, bullets, count, label } from "../wording.ts";
import { changeLine, sinceText } from "./delivered.ts";
import { type Answered, answered, unknown, when, most } from "./answered.ts";

export async function changes(
  { of, since, who }: Question & { intent: "changes" },
  zone: string,
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
  const time = sinceText(since, zone);
  const nodes = node === null ? [] : [node];
  const events = who ? [] : answer.delivery;
  if (answer.commits.length === 0 && events.length === 0) {
    const nothing = who ? `No commits${about}${time}.` : `No commits${about}${time}, and nothing was delivered.`;
    return answered(answer.detail === null ? nothing : `${nothing} ${answer.detail}`, nodes);
  }
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
  const total = answer.deliveryTotal ?? events.length;
  const parts = [
    answer.commits.length === 0
      ? `No commits${about}${time}.`
      : `${count(answer.commits.length, "commit")}${answer.page.truncated ? " (and more)" : ""} changed ${count(files.size, "file")}${about}${time}:\n\n${bullets(lines, most, answer.commits.length - lines.length)}`,
    ...(events.length === 0
      ? []
      : [
          `Delivery${answer.commits.length === 0 ? "" : about}${time === "" ? " in the last 30 days" : ""}:\n\n${bullets(events.slice(0, most).map(changeLine), most, Math.max(0, total - Math.min(most, events.length)))}`,
        ]),
  ];
  return answered(
    `${parts.join("\n\n")}${note}`,
    [...nodes, ...answer.nodes, ...events.slice(0, most).map((event) => event.node)],
    answer.page.truncated || total > events.length,
  );
}
