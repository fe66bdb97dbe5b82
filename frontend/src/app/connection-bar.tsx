/** A quiet bar while the connection is away. */
import Button from "@cloudscape-design/components/button";
import { useEffect, useState } from "react";
import type { SocketState } from "@/shared/socket";
import { useStore, type Store } from "@/shared/store";

const PATIENCE_MS = 1_500; // most interruptions are over before anyone needs to know

export function ConnectionBar({ state, onRetry }: { state: Store<SocketState>; onRetry: () => void }) {
  const away = useStore(state) === "waiting";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(away), away ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [away]);
  if (!shown) return null;
  return (
    <div className="connection" role="status">
      {navigator.onLine ? "Reconnecting." : "This device is offline."} What you send is kept.{" "}
      <Button variant="inline-link" onClick={onRetry}>
        Try now
      </Button>
    </div>
  );
}
