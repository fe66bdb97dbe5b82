/** One document: how it is, what can be changed of it, its chunks, and the pages of a site or entries of a feed. */
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { ChunkList } from "@/features/documents/chunk-list";
import { DocumentDetails } from "@/features/documents/document-details";
import { DocumentStatus } from "@/features/documents/document-status";
import { DocumentTable } from "@/features/documents/document-table";
import { childrenQuery, documentQuery, isReplaceable, remove } from "@/features/documents/documents";
import "@/features/documents/documents.css";
import { openContent } from "@/shared/content";
import { count, size } from "@/shared/format";
import { showFailure } from "@/shared/notices";
import { usePageTitle } from "@/shared/page-title";
import { follow } from "@/shared/router";
import { EmptyState, Loaded } from "@/shared/states";
import type { Document, Workspace } from "@/shared/types";

const ReplaceFile = lazy(() =>
  import("@/features/documents/replace-file").then((module) => ({ default: module.ReplaceFile })),
);

type DocumentPageProps = { workspace: Workspace; documentId: string };

export function DocumentPage({ workspace, documentId }: DocumentPageProps) {
  const document = useQuery(documentQuery(workspace.id, documentId));
  return (
    <Loaded query={document} what="the document" lines={8}>
      {(one) => <Full key={one.id} document={one} workspace={workspace} />}
    </Loaded>
  );
}

function Full({ document, workspace }: { document: Document; workspace: Workspace }) {
  usePageTitle(document.title);
  const [replacing, setReplacing] = useState(false);
  const mayChange = workspace.grant === "owner" || workspace.grant === "editor";
  const hasChildren = ["website", "rssfeed"].includes(document.type) && document.parentId === undefined;
  const chunks = { id: "chunks", label: "Chunks", content: <ChunkList document={document} mayChange={mayChange} /> };
  const details = {
    id: "details",
    label: "Details",
    content: <DocumentDetails document={document} mayChange={mayChange} />,
  };
  const pages = {
    id: "pages",
    label: document.type === "rssfeed" ? "Entries" : "Pages",
    content: <Children document={document} mayChange={mayChange} />,
  };
  const told = [size(document.sizeInBytes), count(document.vectors, "chunk")];
  if (document.language !== undefined) told.push(`language ${document.language}`);
  if (hasChildren)
    told.push(
      count(
        document.subDocuments,
        document.type === "rssfeed" ? "entry" : "page",
        document.type === "rssfeed" ? "entries" : "pages",
      ),
    );
  return (
    <ContentLayout
      breadcrumbs={
        <BreadcrumbGroup
          ariaLabel="Where this document is"
          items={[
            { text: "Workspaces", href: "/workspaces" },
            { text: workspace.name, href: `/workspaces/${workspace.id}` },
            { text: document.title, href: "#" },
          ]}
          onFollow={follow}
        />
      }
      header={
        <Header
          variant="h1"
          description={told.join(", ")}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {mayChange && isReplaceable(document) && (
                <Button iconName="upload" onClick={() => setReplacing(true)}>
                  Replace the file…
                </Button>
              )}
              <Button
                iconName="external"
                onClick={() => void openContent(document.workspaceId, document.id, document.title)}
              >
                Open original
              </Button>
            </SpaceBetween>
          }
        >
          {document.title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <div>
          <DocumentStatus document={document} mayChange={mayChange} />
          {document.status !== "processed" && document.vectors > 0 && !hasChildren && (
            <p className="document-reason">What was read before still answers.</p>
          )}
        </div>
        <Tabs tabs={hasChildren ? [pages, details] : [chunks, details]} />
      </SpaceBetween>
      <Suspense fallback={null}>
        {replacing && <ReplaceFile document={document} onClose={() => setReplacing(false)} />}
      </Suspense>
    </ContentLayout>
  );
}

function Children({ document, mayChange }: { document: Document; mayChange: boolean }) {
  const children = useQuery(childrenQuery(document));
  const forget = (child: Document): void =>
    void remove(child).catch((error: unknown) => showFailure(`delete "${child.title}"`, error));
  return (
    <Loaded query={children} what="the pages" lines={6}>
      {(all) => (
        <DocumentTable
          documents={all}
          mayChange={mayChange}
          empty={<EmptyState title="Nothing yet">What is found appears here as it is read.</EmptyState>}
          onDelete={forget}
        />
      )}
    </Loaded>
  );
}
