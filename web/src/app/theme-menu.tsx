// Chooses between system, light and dark.
import { Monitor, Moon, Sun } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { chooseTheme, type Theme, themes, useTheme } from "./theme.ts";

const icons: Record<Theme, typeof Sun> = { system: Monitor, light: Sun, dark: Moon };
const words: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };

export function ThemeMenu() {
  const theme = useTheme();
  const Icon = icons[theme];
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        aria-label={`Theme: ${words[theme]}`}
        className="inline-grid size-8 place-items-center rounded-md text-muted hover:bg-hover hover:text-text"
      >
        <Icon size={16} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={6}
          className="z-50 min-w-36 rounded-md border border-line bg-surface p-1 shadow-float"
        >
          <DropdownMenu.RadioGroup
            value={theme}
            onValueChange={(next) => chooseTheme(themes.find((each) => each === next) ?? "system")}
          >
            {themes.map((each) => {
              const Each = icons[each];
              return (
                <DropdownMenu.RadioItem
                  key={each}
                  value={each}
                  className="flex h-8 cursor-pointer items-center gap-2 rounded-sm px-2 text-base outline-none data-highlighted:bg-hover data-[state=checked]:font-medium"
                >
                  <Each size={15} aria-hidden className="text-muted" />
                  <span className="flex-1">{words[each]}</span>
                  <DropdownMenu.ItemIndicator className="text-accent-text">✓</DropdownMenu.ItemIndicator>
                </DropdownMenu.RadioItem>
              );
            })}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
