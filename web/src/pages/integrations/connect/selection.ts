// What a person changed in the choice of scopes, over what the server has chosen already; pure, so that it can be tested.
import type { ScopeChoices } from "@opentrace/contract/integrations.ts";
import type { Selection } from "../../../api/integration-actions.ts";

export type Choice = ScopeChoices["scopes"][number];

interface Change {
  selected: boolean;
  /** Null = as it was. */
  codeBranch: string | null;
  was: boolean;
}

export interface Changes {
  /** Everything of a kind, or what of it has a text in its name, also what was not listed yet. */
  all: { kind: string; search: string } | null;
  one: ReadonlyMap<string, Change>;
}

export const noChanges: Changes = { all: null, one: new Map() };

const covers = (all: Changes["all"], choice: Choice): boolean =>
  all !== null && all.kind === choice.kind && choice.name.toLowerCase().includes(all.search.toLowerCase());

export const isSelected = ({ all, one }: Changes, choice: Choice): boolean =>
  one.get(choice.id)?.selected ?? (covers(all, choice) || choice.selected);

export const branchOf = ({ one }: Changes, choice: Choice): string =>
  one.get(choice.id)?.codeBranch ?? choice.codeBranch ?? "";

const withOne = (changes: Changes, choice: Choice, change: Partial<Change>): Changes => {
  const before: Change = changes.one.get(choice.id) ?? {
    selected: isSelected(changes, choice),
    codeBranch: null,
    was: choice.selected,
  };
  return { ...changes, one: new Map(changes.one).set(choice.id, { ...before, ...change }) };
};

export const select = (changes: Changes, choice: Choice, selected: boolean): Changes =>
  withOne(changes, choice, { selected });

export const setBranch = (changes: Changes, choice: Choice, codeBranch: string): Changes =>
  withOne(changes, choice, { selected: true, codeBranch });

/** What was taken out by hand before is in again: “all” means all. */
export const selectAll = (changes: Changes, kind: string, search: string): Changes => ({
  all: { kind, search },
  one: new Map([...changes.one].filter(([, change]) => change.selected)),
});

/** The calls that make the server's choice so, one after the other: what is in “all” can only be left out once it is in. */
export function toSelections({ all, one }: Changes): Selection[] {
  const entries = [...one];
  const select = entries
    .filter(([, { selected, was, codeBranch }]) => selected && (!was || codeBranch !== null))
    .map(([id, { codeBranch }]) => ({ id, ...(codeBranch === null ? {} : { codeBranch: codeBranch.trim() }) }));
  const deselect = entries.filter(([, { selected, was }]) => !selected && (was || all !== null)).map(([id]) => id);
  const first: Selection = {
    ...(select.length > 0 ? { select } : {}),
    ...(all === null ? {} : { selectAll: { kind: all.kind, ...(all.search === "" ? {} : { search: all.search }) } }),
    ...(deselect.length > 0 && all === null ? { deselect } : {}),
    sync: false,
  };
  const calls = select.length > 0 || all !== null || deselect.length > 0 ? [first] : [];
  return all !== null && deselect.length > 0 ? [...calls, { deselect, sync: false }] : calls;
}

/** “2 chosen”, “all repositories but 1”, “all with “shop” in the name”. */
export function changesText({ all, one }: Changes, already: number, plural: string): string {
  const changes = [...one.values()];
  const added = changes.filter(({ selected, was }) => selected && !was).length;
  const removed = changes.filter(({ selected, was }) => !selected && was).length;
  if (all === null) {
    const total = already + added - removed;
    return total === 0 ? "Nothing chosen yet" : `${total} chosen`;
  }
  const without = changes.filter(({ selected }) => !selected).length;
  const what = all.search === "" ? `All ${plural}` : `All ${plural} with “${all.search}” in the name`;
  return `${what}${without > 0 ? `, but ${without}` : ""}`;
}
