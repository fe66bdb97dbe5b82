/** Choosing the new version of a document's file. */
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import { useState } from "react";
import { FileButton } from "@/features/documents/file-button";
import { endingOf, refusalOf } from "@/features/documents/replacement";
import { replace } from "@/features/documents/uploads";
import { useDrop } from "@/features/documents/use-drop";
import { size } from "@/shared/format";
import { FormModal } from "@/shared/form-modal";
import type { Document } from "@/shared/types";

/** It closes when the file is on its way, which the uploads' tray shows then. */
export function ReplaceFile({ document, onClose }: { document: Document; onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const choose = (files: File[]): void => {
    if (files.length === 0) return;
    const why = refusalOf(document, files);
    setRefusal(why);
    setFile(why === null ? (files[0] ?? null) : null);
  };
  const over = useDrop(true, choose);
  const ending = endingOf(document.path);
  return (
    <FormModal
      title={`Replace the file of "${document.title}"`}
      verb="Replace"
      disabled={file === null}
      send={() => Promise.resolve(file && replace(document, file))}
      onDone={onClose}
      onCancel={onClose}
    >
      <Box variant="p">
        The present file answers until the new one is ready, and stays where the new one cannot be read. The document
        keeps its name and its own fields.
      </Box>
      <FormField
        label="New file"
        description={ending === "" ? undefined : `One that ends in ${ending}, as the one before.`}
        errorText={refusal}
      >
        <div className={over ? "drop-zone drop-zone-over" : "drop-zone"}>
          <FileButton testId="new-version" accept={ending || undefined} onFiles={choose}>
            Choose file
          </FileButton>
          <span role="status">{file === null ? "or drop it on this page" : `${file.name}, ${size(file.size)}`}</span>
        </div>
      </FormField>
    </FormModal>
  );
}
