// Settings: API keys, appearance, one's own account; for administrators people, where they sign in, models and the audit log.
import type { Permission } from "@opentrace/contract/access.ts";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { identity } from "../../api/identity.ts";
import { chooseTheme, themes, useTheme } from "../../app/theme.ts";
import { Card, PageFrame, Section, usePageTitle } from "../../ui/page.tsx";
import { Segments } from "../../ui/segments.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { AuditLog } from "./audit-log.tsx";
import { ModelsTab } from "./models/models-tab.tsx";
import { MyAccount } from "./my-account.tsx";
import { People } from "./people.tsx";
import { SignInTab } from "./sign-in/sign-in-tab.tsx";

export function SettingsPage() {
  usePageTitle("Settings");
  const { data: me } = useQuery(identity);
  const tabs = tabsOf(me?.permissions ?? []);
  const asked = useSearch({ from: "/settings" })["tab"];
  const navigate = useNavigate();
  const tab = tabs.find(({ value }) => value === asked)?.value ?? "general";
  const choose =
    tabs.length > 1 ? (
      <Segments
        label="Part of the settings"
        value={tab}
        options={tabs}
        onChange={(next) => void navigate({ to: "/settings", search: next === "general" ? {} : { tab: next } })}
      />
    ) : null;
  if (tab !== "general")
    return (
      <PageFrame title="Settings" actions={choose}>
        {tab === "people" ? (
          <People />
        ) : tab === "sign-in" ? (
          <SignInTab />
        ) : tab === "models" ? (
          <ModelsTab />
        ) : (
          <AuditLog />
        )}
      </PageFrame>
    );
  return (
    <PageFrame title="Settings" actions={choose}>
      {me?.kind === "user" ? <MyAccount /> : null}
      {me === undefined || me.permissions.includes("keys:manage") ? <ApiKeys /> : null}
      <Section title="Appearance">
        <Card className="p-4">
          <Appearance />
        </Card>
      </Section>
    </PageFrame>
  );
}

function tabsOf(permissions: readonly Permission[]) {
  const may = (permission: Permission): boolean => permissions.includes(permission);
  return [
    { value: "general", label: "General" } as const,
    ...(may("users:manage") ? [{ value: "people", label: "People" } as const] : []),
    ...(may("users:manage") ? [{ value: "sign-in", label: "Sign-in" } as const] : []),
    ...(may("settings:manage") ? [{ value: "models", label: "Models" } as const] : []),
    ...(may("audit:read") ? [{ value: "audit", label: "Audit log" } as const] : []),
  ];
}

function Appearance() {
  const theme = useTheme();
  return (
    <fieldset className="flex flex-wrap gap-5">
      <legend className="mb-2 text-sm text-muted">Theme</legend>
      {themes.map((each) => (
        <label key={each} className="inline-flex cursor-pointer items-center gap-2 capitalize">
          <input
            type="radio"
            name="theme"
            checked={theme === each}
            onChange={() => chooseTheme(each)}
            className="size-4 accent-(--accent)"
          />
          {each}
        </label>
      ))}
    </fieldset>
  );
}
