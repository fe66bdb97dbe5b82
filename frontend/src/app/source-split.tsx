/** The panel at the side: what a page has put there. */
import SplitPanel from "@cloudscape-design/components/split-panel";
import type { SidePanel } from "@/shared/side-panel";

export function SourceSplit({ panel }: { panel: SidePanel }) {
  return (
    <SplitPanel
      header={panel.title}
      closeBehavior="hide"
      hidePreferencesButton
      i18nStrings={{ closeButtonAriaLabel: "Close the panel", resizeHandleAriaLabel: "Resize the panel" }}
    >
      {panel.content}
    </SplitPanel>
  );
}
