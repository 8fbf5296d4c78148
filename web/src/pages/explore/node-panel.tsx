// The side panel of a node: what it is, what it needs and what needs it, its source, and how to ask for it elsewhere.
import type { NodeAnswer } from "@opentrace/contract/graph-answers.ts";
import type { GraphNode } from "@opentrace/contract/graph.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { EyeOff, FileCode2, Pin, PinOff, Route, Share2, Zap } from "lucide-react";
import { Tabs } from "radix-ui";
import { type ReactNode, useEffect } from "react";
import { rememberNode } from "../../app/recent.ts";
import { graph } from "../../api/queries.ts";
import { closeNode, hideNode, moreStep, openNode, showMore, togglePin } from "../../graph/arrange.ts";
import {
  docOf,
  linesOf,
  pathOf,
  reflow,
  repositoryKeyOf,
  signatureOf,
  titleOf,
  unresolvedOf,
} from "../../graph/describe.ts";
import type { Scene, SceneNode } from "../../graph/scene.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, buttonClasses, IconButton } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { NodeMark } from "../../ui/node-mark.tsx";
import { edgeWord, edgeWordReversed, typeWord } from "../../ui/node-types.ts";
import { ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { count } from "../../ui/time-text.ts";
import { sourceSearch } from "../source/url.ts";
import { Around } from "./around.tsx";
import { GoingOn, type NodeLine, VendorLink, webAddress } from "../delivery/going-on.tsx";
import { Claim } from "./evidence.tsx";
import { Panel } from "./panel.tsx";
import { ShownLinks } from "./shown-links.tsx";
import { Similar } from "./similar.tsx";
import { SourceSnippet } from "./source-snippet.tsx";
import { panelTabs } from "./url.ts";
import type { Explore } from "./use-explore.ts";

interface Props {
  id: string;
  explore: Explore;
  shown: SceneNode | undefined;
  scene: Scene;
}

export function NodePanel({ id, explore, shown, scene }: Props) {
  const { state, change } = explore;
  const { data, error, refetch } = useQuery(graph.node(id));
  const node = data?.node ?? shown?.node;
  useEffect(() => {
    if (data) rememberNode(data.node);
  }, [data]);
  if (!node) return null;
  const pinned = state.pin.includes(id);
  const path = pathOf(node);
  return (
    <Panel
      label="Node"
      onClose={() => change({ select: null })}
      title={
        <div className="flex flex-col gap-1">
          <p className="flex items-center gap-1.5 text-sm text-muted">
            <NodeMark type={node.type} size={12} /> {typeWord(node.type)}
            {typeof node.props.visibility === "string" ? (
              <span className="text-faint">· {node.props.visibility}</span>
            ) : null}
          </p>
          <h2 className="text-lg leading-6 font-semibold break-words">{titleOf(node)}</h2>
          {path ? <p className="font-mono text-sm break-all text-muted">{placeWithLines(path, node)}</p> : null}
        </div>
      }
    >
      <div className="mb-3 flex flex-wrap items-center justify-between gap-1">
        <div className="flex gap-1">
          {shown?.open ? (
            <>
              {shown.more > 0 ? (
                <Button small look="primary" onClick={() => change(showMore(state, id))}>
                  {Math.min(moreStep, shown.more)} more of {count(shown.more)}
                </Button>
              ) : null}
              <Button small onClick={() => change(closeNode(state, id))}>
                Collapse
              </Button>
            </>
          ) : (
            <Button small look="primary" onClick={() => change(openNode(state, id))}>
              <Share2 size={14} aria-hidden /> Open neighbours
            </Button>
          )}
        </div>
        <div className="-mr-2 flex">
          <IconButton label="Impact of changing it" onClick={() => change({ view: "impact", by: "node", of: id })}>
            <Zap size={15} aria-hidden />
          </IconButton>
          <IconButton label="Find a path from here" onClick={() => change({ view: "path", from: id, to: null })}>
            <Route size={15} aria-hidden />
          </IconButton>
          <IconButton
            label={pinned ? "Unpin" : "Pin in place"}
            keys="p"
            pressed={pinned}
            onClick={() => change(togglePin(state, id))}
          >
            {pinned ? <PinOff size={15} aria-hidden /> : <Pin size={15} aria-hidden />}
          </IconButton>
          <IconButton label="Hide" keys="x" onClick={() => change(hideNode(state, id))}>
            <EyeOff size={15} aria-hidden />
          </IconButton>
        </div>
      </div>
      {error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : null}
      <Tabs.Root
        value={state.tab}
        onValueChange={(tab) => change({ tab: panelTabs.find((each) => each === tab) ?? "about" })}
      >
        <Tabs.List aria-label="About this node" className="mb-3 flex gap-3 border-b border-line">
          {panelTabs.map((tab) => (
            <Tabs.Trigger
              key={tab}
              value={tab}
              className="-mb-px border-b-2 border-transparent pb-1.5 text-sm text-muted capitalize hover:text-text data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-text"
            >
              {tab}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="about">
          {data ? (
            <About
              answer={data}
              links={
                <>
                  <GoingOn node={data.node} line={openLine(explore)} frame={partOf} />
                  <ShownLinks id={id} scene={scene} explore={explore} />
                </>
              }
            />
          ) : error ? null : (
            <SkeletonRows rows={4} />
          )}
        </Tabs.Content>
        <Tabs.Content value="dependencies">
          <Around id={id} direction="dependencies" explore={explore} />
        </Tabs.Content>
        <Tabs.Content value="dependents">
          <Around id={id} direction="dependents" explore={explore} />
        </Tabs.Content>
        <Tabs.Content value="similar">
          <Similar id={id} explore={explore} />
        </Tabs.Content>
        <Tabs.Content value="source">
          <SourceSnippet node={node} />
        </Tabs.Content>
      </Tabs.Root>
    </Panel>
  );
}

const openLine =
  (explore: Explore): NodeLine =>
  (node, shown) => (
    <button
      type="button"
      onClick={() => explore.change(openNode(explore.state, node.id))}
      className="min-w-0 flex-1 rounded-md px-1.5 py-1 text-left hover:bg-hover"
    >
      {shown}
    </button>
  );

const partOf = (title: string, amount: string, children: ReactNode): ReactNode => (
  <Part key={title} title={title} amount={amount}>
    {children}
  </Part>
);

function placeWithLines(path: string, node: GraphNode): string {
  const lines = linesOf(node);
  if (!lines) return path;
  return lines.end > lines.start ? `${path}:${lines.start}–${lines.end}` : `${path}:${lines.start}`;
}

/** Props that the panel shows in a place of their own, or that only programs read. */
const shownElsewhere = new Set(
  "signature doc path range startLine endLine startColumn endColumn line visibility symbol unresolved unresolvedCount runs jobs".split(
    " ",
  ),
);

function About({ answer, links }: { answer: NodeAnswer; links: ReactNode }) {
  const { node } = answer;
  const signature = signatureOf(node);
  const doc = docOf(node);
  const path = pathOf(node);
  const repository = repositoryKeyOf(node);
  const unresolved = unresolvedOf(node);
  const props = Object.entries(node.props).filter(
    ([name, value]) => !shownElsewhere.has(name) && value !== null && value !== "" && value !== false,
  );
  return (
    <div className="flex flex-col gap-5">
      {signature ? (
        <pre className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-sm whitespace-pre-wrap">
          {signature}
        </pre>
      ) : null}
      {doc ? <p className="text-base whitespace-pre-line text-muted">{reflow(doc)}</p> : null}
      {answer.edgeCounts.length > 0 ? (
        <Part title="Edges">
          <ul className="flex flex-wrap gap-1.5">
            {answer.edgeCounts
              .flatMap(({ type, outgoing, incoming }) => [
                ...(outgoing > 0
                  ? [
                      <Badge key={`${type} out`}>
                        {edgeWord(type)} {count(outgoing)}
                      </Badge>,
                    ]
                  : []),
                ...(incoming > 0
                  ? [
                      <Badge key={`${type} in`}>
                        {edgeWordReversed(type)} {count(incoming)}
                      </Badge>,
                    ]
                  : []),
              ])
              .map((badge) => (
                <li key={badge.key} className="flex">
                  {badge}
                </li>
              ))}
          </ul>
        </Part>
      ) : null}
      {links}
      {props.length > 0 ? (
        <Part title="Properties">
          <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 gap-y-1 text-sm">
            {props.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="truncate text-muted">{name}</dt>
                <dd className="break-words">
                  {webAddress(value) ? (
                    <VendorLink url={webAddress(value) ?? ""}>{propText(value)}</VendorLink>
                  ) : (
                    propText(value)
                  )}
                </dd>
              </div>
            ))}
          </dl>
        </Part>
      ) : null}
      {unresolved.total > 0 ? (
        <Part title={`Calls that could not be resolved (${count(unresolved.total)})`}>
          <ul className="flex flex-wrap gap-x-3 gap-y-0.5 text-sm">
            {unresolved.calls.map(({ name, line }) => (
              <li key={`${name} ${line}`}>
                <span className="font-mono">{name}</span> <span className="text-faint">line {line}</span>
              </li>
            ))}
          </ul>
        </Part>
      ) : null}
      <Part title="Freshness">
        <ul className="flex flex-col gap-1 text-sm">
          {answer.freshness.map((source) => (
            <li key={source.source} className="flex flex-wrap items-center gap-2">
              <Badge tone={source.state === "fresh" ? "ok" : source.state === "syncing" ? "accent" : "warn"} dot>
                {source.state}
              </Badge>
              {source.name}
              {source.observedAt ? (
                <span className="text-muted">
                  observed <Time at={source.observedAt} />
                </span>
              ) : null}
              {source.detail ? <span className="w-full text-muted">{source.detail}</span> : null}
            </li>
          ))}
        </ul>
      </Part>
      <Part title="Who says so">
        {answer.provenance.map((claim) => (
          <Claim key={`${claim.source} ${claim.scope}`} claim={claim} near={node} />
        ))}
      </Part>
      <div className="flex flex-wrap gap-1 border-t border-line pt-3">
        {path && repository && node.type !== "Directory" ? (
          <Link
            to="/source"
            search={sourceSearch({ repository, path, lines: linesOf(node) })}
            className={buttonClasses("quiet", true)}
          >
            <FileCode2 size={14} aria-hidden /> Open source
          </Link>
        ) : null}
        <CopyButton label="Copy as curl" text={`curl -s '${location.origin}/api/v1/graph/nodes/${node.id}'`} />
        <CopyButton
          label="Copy as MCP call"
          text={JSON.stringify(
            { method: "tools/call", params: { name: "get_node", arguments: { nodeId: node.id } } },
            null,
            2,
          )}
        />
        <CopyButton label="Copy key" text={node.key} />
      </div>
    </div>
  );
}

function propText(value: unknown): string {
  if (value === true) return "yes";
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join(", ");
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

function Part({ title, amount = "", children }: { title: string; amount?: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-1.5">
      <h3 className="text-sm text-faint">
        {title}
        {amount === "" ? null : ` (${amount})`}
      </h3>
      {children}
    </section>
  );
}
