/** The ways to add data. */
import Button from "@cloudscape-design/components/button";
import { useRef, type ChangeEvent } from "react";

export type Adding = "text" | "qna" | "website" | "rssfeed";

export function AddButtons({ onFiles, onAdd }: { onFiles: (files: File[]) => void; onAdd: (what: Adding) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const onChange = (event: ChangeEvent<HTMLInputElement>): void => {
    onFiles([...(event.target.files ?? [])]);
    event.target.value = ""; // the same file may be chosen again
  };
  return (
    <div className="add-buttons">
      <input ref={input} type="file" multiple hidden aria-label="Files" data-testid="files" onChange={onChange} />
      <Button variant="primary" iconName="upload" ariaLabel="Add files" onClick={() => input.current?.click()}>
        Add files
      </Button>
      <Button onClick={() => onAdd("text")}>Add text</Button>
      <Button onClick={() => onAdd("qna")}>Add Q&amp;A</Button>
      <Button onClick={() => onAdd("website")}>Add website</Button>
      <Button onClick={() => onAdd("rssfeed")}>Add feed</Button>
      <span className="add-hint">or drop files anywhere on this page</span>
    </div>
  );
}
