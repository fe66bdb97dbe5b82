/** Under the composer: where the question goes. */
import Button from "@cloudscape-design/components/button";

type ComposerHintProps = {
  /** `waiting`: not read yet; `failed`: could not be read. Nothing is asked meanwhile. */
  choice: "known" | "waiting" | "failed";
  workspaceName: string | undefined;
  onChange: () => void;
  onRetry: () => void;
};

export function ComposerHint({ choice, workspaceName, onChange, onRetry }: ComposerHintProps) {
  if (choice === "waiting") return <p className="composer-hint">&nbsp;</p>;
  if (choice === "failed") {
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
