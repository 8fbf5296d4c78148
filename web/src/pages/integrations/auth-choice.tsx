// Which way to authenticate: one of what the connector offers, with what each is good for.
import type { AuthKind, AuthMethod } from "@opentrace/contract/integrations.ts";

interface Props {
  methods: readonly AuthMethod[];
  chosen: AuthKind;
  onChoose: (kind: AuthKind) => void;
}

export function AuthChoice({ methods, chosen, onChoose }: Props) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 text-sm font-medium">How OpenTrace gets in</legend>
      {methods.map(({ kind, name, summary }) => (
        <label
          key={kind}
          className="flex cursor-pointer items-start gap-3 rounded-md border border-line px-3.5 py-2.5 hover:bg-hover has-checked:border-accent-text has-checked:bg-accent-soft"
        >
          <input
            type="radio"
            name="auth"
            checked={kind === chosen}
            onChange={() => onChoose(kind)}
            className="mt-1 size-4 shrink-0 accent-(--accent)"
          />
          <span className="flex min-w-0 flex-col">
            <span className="font-medium">{name}</span>
            <span className="text-sm text-muted">{summary}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
