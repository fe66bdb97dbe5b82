/** The four states of a view: empty, waiting, failed, full. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Skeleton from "@cloudscape-design/components/skeleton";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useState, type ReactNode } from "react";
import { messageOf } from "@/shared/problem";

const PATIENCE_MS = 200; // a skeleton that flashes is worse than none

/** What this is, and one button to begin. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Box textAlign="center" padding={{ vertical: "xxl", horizontal: "m" }}>
      <SpaceBetween size="m">
        <Box variant="h2">{title}</Box>
        {children !== undefined && (
          <Box color="text-body-secondary" variant="p">
            {children}
          </Box>
        )}
        {action}
      </SpaceBetween>
    </Box>
  );
}

/** Nothing at first, then lines where the content will stand. */
export function Waiting({ lines = 4, label }: { lines?: number; label: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label={label} className="waiting">
      {shown &&
        Array.from({ length: lines }, (_, line) => (
          <Skeleton key={line} height="20px" width={`${92 - ((line * 17) % 40)}%`} />
        ))}
    </div>
  );
}

/** What happened, what is kept, and one button to go on. */
export function Failed({
  what,
  error,
  kept,
  onRetry,
}: {
  what: string;
  error: unknown;
  kept?: string;
  onRetry: () => void;
}) {
  return (
    <Alert type="error" header={`Could not load ${what}`} action={<Button onClick={onRetry}>Try again</Button>}>
      {messageOf(error)} {kept}
    </Alert>
  );
}

/** Why a wish was refused; read out as soon as it stands there. */
export function Refusal({ error }: { error: unknown }) {
  return (
    <div role="alert">
      <Alert type="error">{messageOf(error)}</Alert>
    </div>
  );
}

type Loading<Data> = { data: Data | undefined; error: unknown; refetch: () => unknown };

/** A query's view: data that was read once stays on the page while it is read again. */
export function Loaded<Data>({
  query,
  what,
  lines,
  children,
}: {
  query: Loading<Data>;
  what: string;
  lines?: number;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failed what={what} error={query.error} onRetry={() => void query.refetch()} />;
  return <Waiting label={`Loading ${what}`} lines={lines} />;
}
