// What the search finds: a document for each incident and each evidence, the newest with the highest number.
import { incidentLimits } from "@opentrace/contract/incidents.ts";
import type { AppTransaction } from "../access/idempotency.ts";
import { type Store, untyped } from "../store/store.ts";
import { beginningOf } from "./evidence-rows.ts";
import { searchWords } from "../store/search-words.ts";

export const wordIndex = "incident_words";
/** The titles of incidents alone, under the numbers of their documents. */
export const titleIndex = "incident_titles";

interface TextOwner {
  workspace: string;
  incident: string;
  evidence: string | null;
}

async function documentOf(tx: AppTransaction, { workspace, incident, evidence }: TextOwner): Promise<number> {
  const known = await tx
    .selectFrom("incident_texts")
    .select("doc")
    .where("incident", "=", incident)
    .where("evidence", evidence === null ? "is" : "=", evidence)
    .executeTakeFirst();
  if (known !== undefined) return known.doc;
  const { doc } = await tx
    .insertInto("incident_texts")
    .values({ workspace, incident, evidence })
    .returning("doc")
    .executeTakeFirstOrThrow();
  return doc;
}

export async function writeIncidentText(
  { appEngine }: Pick<Store, "appEngine">,
  tx: AppTransaction,
  row: { workspace: string; id: string; title: string; description: string | null },
): Promise<void> {
  const doc = await documentOf(tx, { workspace: row.workspace, incident: row.id, evidence: null });
  const title = searchWords(row.title);
  await appEngine.text.put(untyped(tx), wordIndex, doc, { title, body: searchWords(row.description ?? "") });
  await appEngine.text.put(untyped(tx), titleIndex, doc, { title, body: [] });
}

/** `whole` is the text behind `content` when that shows only its beginning. */
export async function writeEvidenceText(
  { appEngine }: Pick<Store, "appEngine">,
  tx: AppTransaction,
  row: { workspace: string; incident: string; id: string; title: string; content: string | null },
  whole: string | null = row.content,
): Promise<void> {
  const doc = await documentOf(tx, { workspace: row.workspace, incident: row.incident, evidence: row.id });
  await appEngine.text.put(untyped(tx), wordIndex, doc, {
    title: [],
    body: [...searchWords(row.title), ...searchWords(beginningOf(whole ?? "", incidentLimits.searchedContent))],
  });
}

export async function removeEvidenceText(
  { appEngine }: Pick<Store, "appEngine">,
  tx: AppTransaction,
  evidence: string,
): Promise<void> {
  const gone = await tx.deleteFrom("incident_texts").where("evidence", "=", evidence).returning("doc").execute();
  await appEngine.text.remove(
    untyped(tx),
    wordIndex,
    gone.map((row) => row.doc),
  );
}
