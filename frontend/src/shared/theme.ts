/** Light, dark, or as the system has it; kept in this browser. */
import { applyMode, disableMotion, Mode } from "@cloudscape-design/global-styles";
import { readSaved, save } from "@/shared/saved";
import { Store } from "@/shared/store";

export type Theme = "light" | "dark" | "system";
const KEY = "kosha.theme";

export const theme = new Store<Theme>(readSaved<Theme>(KEY, "system"));

/** Apply the kept theme and follow it, the system's, and the system's wish for less motion. */
export function startTheme(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const apply = (): void => {
    const chosen = theme.get();
    applyMode(chosen === "dark" || (chosen === "system" && dark.matches) ? Mode.Dark : Mode.Light);
    disableMotion(still.matches);
  };
  dark.addEventListener("change", apply);
  still.addEventListener("change", apply);
  theme.subscribe(() => {
    save(KEY, theme.get());
    apply();
  });
  apply();
}
