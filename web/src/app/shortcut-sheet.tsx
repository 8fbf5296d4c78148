// The sheet of keyboard shortcuts ("?").
import { Dialog } from "../ui/dialog.tsx";
import { Kbd } from "../ui/kbd.tsx";

const groups: [string, [string, string][]][] = [
  [
    "Everywhere",
    [
      ["mod k", "Search nodes and commands"],
      ["?", "This sheet"],
      ["g h", "Overview"],
      ["g n", "Incidents"],
      ["g r", "Runbooks"],
      ["g e", "Explore"],
      ["g c", "Search code"],
      ["g a", "Ask"],
      ["g i", "Integrations"],
      ["g s", "Settings"],
    ],
  ],
  [
    "Explorer",
    [
      ["/", "Search"],
      ["e", "Open the selected node's neighbourhood"],
      ["x", "Hide the selected node"],
      ["p", "Pin or unpin the selected node"],
      ["u", "Undo"],
      ["shift u", "Redo"],
      ["f", "Fit to screen"],
      ["t", "Graph or table"],
      ["Esc", "Clear the selection"],
    ],
  ],
  [
    "Incidents",
    [
      ["j", "Next incident"],
      ["k", "Incident before"],
      ["x", "Mark, to change several at once"],
      ["Enter", "Open"],
      ["c", "Declare an incident"],
      ["/", "Search"],
      ["1", "First part of an incident; 2, 3 … the next"],
    ],
  ],
  [
    "Code search",
    [
      ["/", "Search"],
      ["↓", "Next match"],
      ["↑", "Match before"],
      ["Esc", "Stop a running search"],
    ],
  ],
];

export function ShortcutSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts" wide>
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        {groups.map(([title, keys]) => (
          <section key={title} aria-label={title}>
            <h3 className="mb-2 text-sm font-medium text-faint">{title}</h3>
            <dl className="flex flex-col gap-2">
              {keys.map(([key, what]) => (
                <div key={key} className="flex items-center justify-between gap-4">
                  <dt>{what}</dt>
                  <dd>
                    <Kbd keys={key} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
