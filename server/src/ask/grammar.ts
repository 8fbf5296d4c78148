// From a question to what it asks: the families of sentences in the order in which they are tried. Pure; resolves no names. A new sentence
// goes into its family in sentences/; a new kind of answer into answers/ as well.
import { type BetweenQuestion, readBetween } from "./sentences/between-nodes.ts";
import { type ChangesQuestion, readChanges } from "./sentences/changes.ts";
import { type DeliveryQuestion, readDelivery } from "./sentences/delivery.ts";
import { type DependenceQuestion, readDependence } from "./sentences/dependence.ts";
import { type ImpactQuestion, readImpact } from "./sentences/impact.ts";
import { type ImportanceQuestion, readImportance } from "./sentences/importance.ts";
import { bareName, type OneNodeQuestion, readOneNode } from "./sentences/one-node.ts";
import { type IncidentQuestion, readIncidents } from "./sentences/incidents.ts";
import { type OverviewQuestion, readOverview } from "./sentences/overview.ts";
import { type ExistenceQuestion, readExistence } from "./sentences/what-exists.ts";
import { tidyQuestion } from "./tidy-question.ts";
import { findTimePhrase, type Since } from "./time-phrase.ts";

export type Question =
  | IncidentQuestion
  | DeliveryQuestion
  | OverviewQuestion
  | ChangesQuestion
  | ImpactQuestion
  | BetweenQuestion
  | ImportanceQuestion
  | DependenceQuestion
  | ExistenceQuestion
  | OneNodeQuestion;

/** The first family that understands a sentence has it: what is said in more words comes before what is said in fewer. */
const families: readonly ((spoken: string, since: Since | null) => Question | null)[] = [
  readIncidents,
  readDelivery,
  readOverview,
  readChanges,
  readImpact,
  readBetween,
  readImportance,
  readDependence,
  readExistence,
  readOneNode,
];

/** Null when the question has no known form. Days begin at midnight in `zone` (an IANA name). */
export function readQuestion(text: string, now: Date, zone: string): Question | null {
  const whole = tidyQuestion(text);
  const time = findTimePhrase(whole, now, zone);
  const since = time === null ? null : { at: time.since, text: time.text };
  const spoken = time === null ? whole : tidyQuestion(time.rest);
  for (const read of families) {
    const question = read(spoken, since);
    if (question !== null) return question;
  }
  return bareName(spoken);
}
