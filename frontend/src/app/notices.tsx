/** The notices at the top. */
import Button from "@cloudscape-design/components/button";
import Flashbar from "@cloudscape-design/components/flashbar";
import { dismiss, notices } from "@/shared/notices";
import { useStore } from "@/shared/store";

export function Notices() {
  const all = useStore(notices);
  return (
    <Flashbar
      items={all.map((notice) => ({
        id: notice.id,
        type: notice.type,
        content: notice.text,
        dismissible: notice.action === undefined,
        dismissLabel: "Dismiss",
        onDismiss: () => dismiss(notice.id),
        ariaRole: notice.type === "error" ? "alert" : "status",
        action: notice.action && <Button onClick={notice.action.onClick}>{notice.action.label}</Button>,
      }))}
    />
  );
}
