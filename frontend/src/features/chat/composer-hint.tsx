/** Under the composer: where the question goes. */
import Button from "@cloudscape-design/components/button";
import type { Known } from "@/features/chat/use-choice";

type ComposerHintProps = {
  known: Known;
  workspaceName: string | undefined;
  onChange: () => void;
  onRetry: () => void;
};

export function ComposerHint({ known, workspaceName, onChange, onRetry }: ComposerHintProps) {
  if (known === "waiting") return <p className="composer-hint">&nbsp;</p>;
  if (known === "failed") {
    return (
      <p className="composer-hint" role="alert">
        Your workspaces or models could not be read.{" "}
        <Button variant="inline-link" onClick={onRetry}>
          Try again
        </Button>
      </p>
    );
  }
  return (
    <p className="composer-hint">
      {workspaceName === undefined ? "No workspace is searched" : `Answers come from "${workspaceName}"`} ·{" "}
      <Button variant="inline-link" ariaLabel="Change workspace" onClick={onChange}>
        change
      </Button>
    </p>
  );
}
