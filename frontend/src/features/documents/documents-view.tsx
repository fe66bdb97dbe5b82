/** A workspace's documents: the table, and every way to add to it. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useState } from "react";
import { AddButtons, type Adding } from "@/features/documents/add-buttons";
import "@/features/documents/documents.css";
import { DocumentTable } from "@/features/documents/document-table";
import { documentsQuery, remove, retryAll } from "@/features/documents/documents";
import { upload } from "@/features/documents/uploads";
import { useDrop } from "@/features/documents/use-drop";
import { Confirm } from "@/shared/confirm";
import { count } from "@/shared/format";
import { EmptyState, Loaded } from "@/shared/states";
import type { Document } from "@/shared/types";

const AddText = lazy(() => import("@/features/documents/add-forms").then((module) => ({ default: module.AddText })));
const AddQuestion = lazy(() =>
  import("@/features/documents/add-forms").then((module) => ({ default: module.AddQuestion })),
);
const AddWebsite = lazy(() =>
  import("@/features/documents/add-site").then((module) => ({ default: module.AddWebsite })),
);
const AddFeed = lazy(() => import("@/features/documents/add-site").then((module) => ({ default: module.AddFeed })));

const ReplaceFile = lazy(() =>
  import("@/features/documents/replace-file").then((module) => ({ default: module.ReplaceFile })),
);

export function DocumentsView({ workspaceId, mayChange }: { workspaceId: string; mayChange: boolean }) {
  const documents = useQuery(documentsQuery(workspaceId));
  const [adding, setAdding] = useState<Adding | null>(null);
  const [leaving, setLeaving] = useState<Document | null>(null);
  const [replacing, setReplacing] = useState<Document | null>(null);
  const bring = useCallback((files: File[]) => upload(workspaceId, files), [workspaceId]);
  const over = useDrop(mayChange && replacing === null, bring);
  const buttons = mayChange && <AddButtons onFiles={bring} onAdd={setAdding} />;
  return (
    <div className="documents">
      {buttons}
      <Loaded query={documents} what="the documents" lines={6}>
        {(all) => (
          <>
            {mayChange && <FailedDocuments documents={all} />}
            <DocumentTable
              documents={all}
              mayChange={mayChange}
              empty={<NoDocuments mayChange={mayChange} />}
              onDelete={setLeaving}
              onReplace={setReplacing}
            />
          </>
        )}
      </Loaded>
      {over && <div className="drop-here">Drop the files to add them</div>}
      <Suspense fallback={null}>
        {adding === "text" && <AddText workspaceId={workspaceId} onClose={() => setAdding(null)} />}
        {adding === "qna" && <AddQuestion workspaceId={workspaceId} onClose={() => setAdding(null)} />}
        {adding === "website" && <AddWebsite workspaceId={workspaceId} onClose={() => setAdding(null)} />}
        {adding === "rssfeed" && <AddFeed workspaceId={workspaceId} onClose={() => setAdding(null)} />}
        {replacing !== null && <ReplaceFile document={replacing} onClose={() => setReplacing(null)} />}
      </Suspense>
      {leaving !== null && (
        <Confirm
          title={`Delete "${leaving.title}"`}
          verb="Delete document"
          act={() => remove(leaving)}
          onDone={() => setLeaving(null)}
          onCancel={() => setLeaving(null)}
        >
          <Box>{`The original and its ${count(leaving.vectors, "chunk")} go. Answers that cite it keep its title only. This cannot be undone.`}</Box>
        </Confirm>
      )}
    </div>
  );
}

/** Those that another try may help, tried again together. */
function FailedDocuments({ documents }: { documents: readonly Document[] }) {
  const [trying, setTrying] = useState(false);
  const failed = documents.filter((document) => document.status === "error" && document.error?.retryable !== false);
  if (failed.length < 2) return null;
  const again = async (): Promise<void> => {
    setTrying(true);
    await retryAll(failed);
    setTrying(false);
  };
  return (
    <Alert
      type="warning"
      action={
        <Button loading={trying} onClick={() => void again()}>
          Try them all again
        </Button>
      }
    >
      {`${count(failed.length, "document")} could not be read; the reason stands in the row of each.`}
    </Alert>
  );
}

function NoDocuments({ mayChange }: { mayChange: boolean }) {
  return (
    <EmptyState title="No documents yet">
      {mayChange
        ? "Drop files anywhere on this page, or use the buttons above."
        : "Its owner or an editor can add some."}
    </EmptyState>
  );
}
