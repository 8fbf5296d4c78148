// Which group of an identity provider gets which role here, line by line.
import { Role } from "@opentrace/contract/access.ts";
import { Plus, X } from "lucide-react";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Field, SelectField } from "../../../ui/field.tsx";

export interface GroupRole {
  group: string;
  role: Role;
}

export const roleOf = (value: string): Role | null => Role.options.find((each) => each === value) ?? null;

export const RoleOptions = () =>
  Role.options.map((role) => (
    <option key={role} value={role}>
      {role}
    </option>
  ));

export function GroupRoles({ groups, onChange }: { groups: GroupRole[]; onChange: (groups: GroupRole[]) => void }) {
  const set = (at: number, change: Partial<GroupRole>): void =>
    onChange(groups.map((each, index) => (index === at ? { ...each, ...change } : each)));
  return (
    <div className="flex flex-col gap-2">
      {groups.map(({ group, role }, index) => (
        <div key={index} role="group" aria-label={`Group ${index + 1}`} className="flex items-end gap-2">
          <Field
            label="Group"
            hideLabel={index > 0}
            value={group}
            onChange={(event) => set(index, { group: event.target.value })}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            className="min-w-0 flex-1"
          />
          <SelectField
            label="Role"
            hideLabel={index > 0}
            value={role}
            onChange={(event) => set(index, { role: roleOf(event.target.value) ?? role })}
            className="w-32 shrink-0"
          >
            <RoleOptions />
          </SelectField>
          <IconButton
            label={`Take out group ${group || String(index + 1)}`}
            className="mb-0.5"
            onClick={() => onChange(groups.filter((_, at) => at !== index))}
          >
            <X size={15} aria-hidden />
          </IconButton>
        </div>
      ))}
      <Button small className="w-fit" onClick={() => onChange([...groups, { group: "", role: "responder" }])}>
        <Plus size={14} aria-hidden /> Add a group
      </Button>
    </div>
  );
}
