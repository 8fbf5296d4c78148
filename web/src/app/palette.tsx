// ⌘K: nodes of the graph, recent ones first, and everything one can go to or do.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import {
  BookOpen,
  FileDiff,
  GitBranch,
  House,
  Keyboard,
  MessageCircleQuestion,
  Moon,
  Plug,
  Plus,
  Route,
  Settings,
  Siren,
  Sun,
  TextSearch,
  Waypoints,
  Zap,
} from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useDeferredValue, useState } from "react";
import { integrations } from "../api/integration-queries.ts";
import { graph, repositories } from "../api/queries.ts";
import { exploreSearch } from "../pages/explore/url.ts";
import { searchSearch } from "../pages/search/url.ts";
import { NodeLabel } from "../ui/node-mark.tsx";
import { recentNodes } from "./recent.ts";
import { chooseTheme } from "./theme.ts";

export function Palette({
  open,
  onOpenChange,
  onShortcuts,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onShortcuts: () => void;
}) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.4)]" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-surface shadow-float"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <PaletteBody close={() => onOpenChange(false)} onShortcuts={onShortcuts} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteBody({ close, onShortcuts }: { close: () => void; onShortcuts: () => void }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const query = useDeferredValue(typed.trim());
  const { data: found, isFetching } = useQuery(graph.search(query, [], 12));
  const { data: repos } = useQuery(repositories.all);
  const { data: connected } = useQuery(integrations.all);
  const { data: available } = useQuery(integrations.available);
  const [recent] = useState(recentNodes);
  const words = typed.trim().toLowerCase();
  const matches = (label: string): boolean => words === "" || label.toLowerCase().includes(words);
  const run = (action: () => unknown): void => {
    close();
    void action();
  };
  const commands: [string, typeof Plus, () => unknown][] = [
    ["Add a repository", Plus, () => navigate({ to: "/add" })],
    ["Go to overview", House, () => navigate({ to: "/" })],
    ["Declare an incident", Siren, () => navigate({ to: "/incidents/new" })],
    ["Incidents", Siren, () => navigate({ to: "/incidents" })],
    ["Runbooks", BookOpen, () => navigate({ to: "/runbooks" })],
    ["Go to explorer", Waypoints, () => navigate({ to: "/explore" })],
    [
      "Find a path between two nodes",
      Route,
      () => navigate({ to: "/explore", search: exploreSearch({ view: "path" }) }),
    ],
    ["See the impact of a change", Zap, () => navigate({ to: "/explore", search: exploreSearch({ view: "impact" }) })],
    [
      "See the impact of a diff",
      FileDiff,
      () => navigate({ to: "/explore", search: exploreSearch({ view: "impact", by: "diff" }) }),
    ],
    ["Search code", TextSearch, () => navigate({ to: "/search" })],
    ["Ask a question", MessageCircleQuestion, () => navigate({ to: "/ask" })],
    ["Integrations", Plug, () => navigate({ to: "/integrations" })],
    ["Settings and API keys", Settings, () => navigate({ to: "/settings" })],
    ["Dark theme", Moon, () => chooseTheme("dark")],
    ["Light theme", Sun, () => chooseTheme("light")],
    ["Theme of the system", Sun, () => chooseTheme("system")],
    ["Keyboard shortcuts", Keyboard, onShortcuts],
  ];
  for (const { id, name } of available?.integrations ?? [])
    commands.push([
      `Connect ${name}`,
      Plug,
      () => navigate({ to: "/integrations/$connector/connect", params: { connector: id } }),
    ]);
  const nodes = query === "" ? recent : (found?.hits.map((hit) => hit.node) ?? []);
  // The best node is chosen as soon as it is found, not what happened to be first while the search ran.
  const best = nodes[0] ? `node ${nodes[0].id}` : "";
  const results = `${query} ${best}`;
  const [moved, setMoved] = useState({ to: best, among: "" });
  const chosen = best !== "" && moved.among !== results ? best : moved.to;
  return (
    <Command
      value={chosen}
      onValueChange={(to) => setMoved({ to, among: results })}
      shouldFilter={false}
      label="Search and commands"
      loop
    >
      <Command.Input
        autoFocus
        value={typed}
        onValueChange={setTyped}
        placeholder="Search nodes, or type a command…"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-lg outline-none placeholder:text-faint"
      />
      <Command.List aria-label="Results" tabIndex={-1} className="max-h-[min(24rem,55vh)] overflow-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-muted">
          {isFetching ? "Searching…" : `Nothing is called “${typed.trim()}”.`}
        </Command.Empty>
        {nodes.length > 0 ? (
          <Group heading={query === "" ? "Recent" : "Nodes"}>
            {nodes.map((node) => (
              <Item
                key={node.id}
                value={`node ${node.id}`}
                onSelect={() =>
                  run(() =>
                    navigate({
                      to: "/explore",
                      search: exploreSearch({ open: [{ id: node.id, count: 12 }], select: node.id }),
                    }),
                  )
                }
              >
                <NodeLabel node={node} />
              </Item>
            ))}
          </Group>
        ) : null}
        {words !== "" ? (
          <Group heading="Ask or search">
            <Item
              value="search"
              onSelect={() => run(() => navigate({ to: "/search", search: searchSearch({ q: typed.trim() }) }))}
            >
              <TextSearch size={15} aria-hidden className="text-muted" />
              <span className="truncate">Search code for “{typed.trim()}”</span>
            </Item>
            <Item value="ask" onSelect={() => run(() => navigate({ to: "/ask", search: { q: typed.trim() } }))}>
              <MessageCircleQuestion size={15} aria-hidden className="text-muted" />
              <span className="truncate">Ask “{typed.trim()}”</span>
            </Item>
          </Group>
        ) : null}
        {(repos?.repositories ?? []).some((repo) => matches(repo.name)) ? (
          <Group heading="Repositories">
            {repos?.repositories
              .filter((repo) => matches(repo.name))
              .map((repo) => (
                <Item
                  key={repo.id}
                  value={`repository ${repo.id}`}
                  onSelect={() => run(() => navigate({ to: "/repositories/$id", params: { id: repo.id } }))}
                >
                  <GitBranch size={15} aria-hidden className="text-muted" />
                  <span className="truncate">{repo.name}</span>
                </Item>
              ))}
          </Group>
        ) : null}
        {(connected?.integrations ?? []).some((each) => matches(each.name)) ? (
          <Group heading="Integrations">
            {connected?.integrations
              .filter((each) => matches(each.name))
              .map(({ id, connector, name }) => (
                <Item
                  key={id}
                  value={`integration ${id}`}
                  onSelect={() =>
                    run(() => navigate({ to: "/integrations/$connector/$id", params: { connector, id } }))
                  }
                >
                  <Plug size={15} aria-hidden className="text-muted" />
                  <span className="truncate">{name}</span>
                </Item>
              ))}
          </Group>
        ) : null}
        {commands.some(([label]) => matches(label)) ? (
          <Group heading="Commands">
            {commands
              .filter(([label]) => matches(label))
              .map(([label, Icon, action]) => (
                <Item key={label} value={`command ${label}`} onSelect={() => run(action)}>
                  <Icon size={15} aria-hidden className="text-muted" />
                  {label}
                </Item>
              ))}
          </Group>
        ) : null}
      </Command.List>
    </Command>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="**:[[cmdk-group-heading]]:px-2.5 **:[[cmdk-group-heading]]:py-1.5 **:[[cmdk-group-heading]]:text-xs **:[[cmdk-group-heading]]:font-medium **:[[cmdk-group-heading]]:text-faint"
    >
      {children}
    </Command.Group>
  );
}

function Item({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-base data-[selected=true]:bg-hover"
    >
      {children}
    </Command.Item>
  );
}
