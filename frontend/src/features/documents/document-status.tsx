/** What a document is doing and why: status, stage, progress, reason. */
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { retry } from "@/features/documents/documents";
import { timeLeft } from "@/shared/format";
import type { Document } from "@/shared/types";

const STAGES: Readonly<Record<string, string>> = {
  queued: "Waiting for its turn",
  crawl: "Visiting pages",
  parse: "Reading the file",
  split: "Cutting it into chunks",
  embed: "Making it searchable",
  finish: "Finishing",
};

export function stageWords(document: Document): string {
  if (document.status === "awaiting") return "Awaiting its bytes";
  if (document.status === "submitted") return "Submitted";
  return STAGES[document.stage ?? ""] ?? document.stage ?? "Working";
}

export function DocumentStatus({ document, mayChange }: { document: Document; mayChange: boolean }) {
  switch (document.status) {
    case "awaiting":
    case "submitted":
      return <StatusIndicator type="pending">{stageWords(document)}</StatusIndicator>;
    case "processing":
      return (
        <ProgressBar
          value={Math.round(document.progress * 100)}
          description={stageWords(document)}
          additionalInfo={timeLeft(document.remainingSeconds)}
          ariaLabel={`Progress of ${document.title}`}
        />
      );
    case "processed":
      return <Processed warnings={document.warnings} />;
    case "cancelled":
      return (
        <>
          <StatusIndicator type="stopped">Cancelled</StatusIndicator> {mayChange && <TryAgain document={document} />}
        </>
      );
    case "error":
      return <Failure document={document} mayChange={mayChange} />;
  }
}

function Processed({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return <StatusIndicator type="success">Processed</StatusIndicator>;
  return (
    <>
      <StatusIndicator type="warning">Processed, warning</StatusIndicator>
      {warnings.map((warning) => (
        <p key={warning} className="document-reason">
          {warning}
        </p>
      ))}
    </>
  );
}

function Failure({ document, mayChange }: { document: Document; mayChange: boolean }) {
  return (
    <>
      <StatusIndicator type="error">Error</StatusIndicator>
      <p className="document-reason">
        {document.error?.message} {mayChange && document.error?.retryable !== false && <TryAgain document={document} />}
      </p>
    </>
  );
}

function TryAgain({ document }: { document: Document }) {
  return (
    <Button variant="inline-link" ariaLabel={`Try ${document.title} again`} onClick={() => void retry(document)}>
      Try again
    </Button>
  );
}
