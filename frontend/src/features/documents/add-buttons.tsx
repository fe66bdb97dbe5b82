/** The ways to add data. */
import Button from "@cloudscape-design/components/button";
import { FileButton } from "@/features/documents/file-button";

export type Adding = "text" | "qna" | "website" | "rssfeed";

export function AddButtons({ onFiles, onAdd }: { onFiles: (files: File[]) => void; onAdd: (what: Adding) => void }) {
  return (
    <div className="add-buttons">
      <FileButton variant="primary" multiple testId="files" onFiles={onFiles}>
        Add files
      </FileButton>
      <Button onClick={() => onAdd("text")}>Add text</Button>
      <Button onClick={() => onAdd("qna")}>Add Q&amp;A</Button>
      <Button onClick={() => onAdd("website")}>Add website</Button>
      <Button onClick={() => onAdd("rssfeed")}>Add feed</Button>
      <span className="add-hint">or drop files anywhere on this page</span>
    </div>
  );
}
