// How a thing of delivery and what happened to it are told in one line.
import type { DeliveryChange } from "@opentrace/contract/delivery.ts";
import type { GraphNode } from "@opentrace/contract/graph.ts";
import { inZone, type Since } from "../time-phrase.ts";
import { codeSpan, plainType } from "../wording.ts";
import { when } from "./answered.ts";

export const text = (node: GraphNode, name: string): string => {
  const value = node.props[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};

/** A link only where it leads to the web; its text can't end it. */
export function linked(title: string, url: string): string {
  return /^https?:\/\/[^\s()<>]+$/.test(url) ? `[${title.replace(/[[\]\\`*_]/g, "\\$&")}](${url})` : title;
}

/** `[#12](https://…) \`Round fees up\` (open, by \`ada\`)`. */
export function delivered(node: GraphNode): string {
  const number = text(node, "number");
  const author = text(node, "author");
  const state = text(node, "state");
  const head = number === "" ? "" : `${linked(`#${number}`, text(node, "url"))} `;
  const said = [state, author === "" ? "" : `by ${codeSpan(author)}`].filter((part) => part !== "").join(", ");
  const title = number === "" && text(node, "url") !== "" ? linked(node.name, text(node, "url")) : codeSpan(node.name);
  return `${head}${title}${said === "" ? "" : ` (${said})`}`;
}

export const sinceText = (since: Since | null, zone: string): string =>
  since === null ? "" : ` since ${inZone(since.at, zone)}`;

const words: Record<DeliveryChange["what"], string> = {
  opened: "opened",
  merged: "merged",
  closed: "closed",
  updated: "changed",
  deployed: "deployed",
  released: "released",
  ran: "ran",
};

/** One line of what happened: `merged: #12 … 2026-11-20 10:05 UTC`. */
export function changeLine({ what, node, at, url, detail }: DeliveryChange): string {
  const shown = { ...node, props: { ...node.props, ...(url === null ? {} : { url }) } };
  return `${plainType(node.type)} ${words[what]}: ${delivered({ ...shown, props: { ...shown.props, state: null } })}, ${when(at)}${detail === null ? "" : ` (${detail})`}`;
}
