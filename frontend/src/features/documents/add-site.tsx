/** Adding what lies on the web: a site whose pages are followed, or a feed whose entries are. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Textarea from "@cloudscape-design/components/textarea";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { reloadDocuments } from "@/features/documents/documents";
import { EveryField } from "@/features/documents/every-field";
import { patch, post } from "@/shared/api";
import { FormModal } from "@/shared/form-modal";
import type { Document, FeedUpload, WebsiteUpload } from "@/shared/types";

const PAGES = "100";
type AddProps = { workspaceId: string; onClose: () => void };

const lines = (text: string): string[] =>
  text
    .split(/[\n,]+/)
    .map((line) => line.trim())
    .filter(Boolean);

export function AddWebsite({ workspaceId, onClose }: AddProps) {
  const [url, setUrl] = useState("");
  const [followLinks, setFollowLinks] = useState(true);
  const [sitemap, setSitemap] = useState(false);
  const [limit, setLimit] = useState(PAGES);
  const [include, setInclude] = useState("");
  const [exclude, setExclude] = useState("");
  const [every, setEvery] = useState<number | null>(null);
  const send = async (): Promise<void> => {
    const path = `/api/workspaces/${workspaceId}/documents`;
    const wanted: WebsiteUpload = {
      url: url.trim(),
      followLinks,
      sitemap,
      limit: Number(limit) || Number(PAGES),
      include: lines(include),
      exclude: lines(exclude),
    };
    const made = await post<Document>(`${path}/website`, wanted);
    if (every !== null) await patch(`${path}/${made.id}`, { everyMinutes: every });
  };
  return (
    <FormModal
      title="Add a website"
      verb="Add website"
      disabled={url.trim() === ""}
      send={send}
      onDone={() => (void reloadDocuments(workspaceId), onClose())}
      onCancel={onClose}
    >
      <FormField label="Address" description="Pages on the same host are followed from here; robots.txt is obeyed.">
        <Input
          value={url}
          type="url"
          inputMode="url"
          autoFocus
          placeholder="https://example.com/docs/"
          onChange={({ detail }) => setUrl(detail.value)}
        />
      </FormField>
      <Toggle checked={followLinks} onChange={({ detail }) => setFollowLinks(detail.checked)}>
        Follow links
      </Toggle>
      <Toggle checked={sitemap} onChange={({ detail }) => setSitemap(detail.checked)}>
        Use the site&apos;s sitemap
      </Toggle>
      <FormField label="Pages at most" description="1 to 1,000.">
        <Input type="number" inputMode="numeric" value={limit} onChange={({ detail }) => setLimit(detail.value)} />
      </FormField>
      <FormField label="Only addresses like" description="Patterns such as /docs/*, one a line. Empty takes all.">
        <Textarea rows={2} value={include} onChange={({ detail }) => setInclude(detail.value)} />
      </FormField>
      <FormField label="Never addresses like" description="They win over the patterns above.">
        <Textarea rows={2} value={exclude} onChange={({ detail }) => setExclude(detail.value)} />
      </FormField>
      <EveryField value={every} onChange={setEvery} />
    </FormModal>
  );
}

export function AddFeed({ workspaceId, onClose }: AddProps) {
  const [url, setUrl] = useState("");
  const [limit, setLimit] = useState(PAGES);
  const [every, setEvery] = useState<number | null>(60);
  const send = (): Promise<Document> => {
    const wanted: FeedUpload = { url: url.trim(), limit: Number(limit) || Number(PAGES), everyMinutes: every };
    return post<Document>(`/api/workspaces/${workspaceId}/documents/rssfeed`, wanted);
  };
  return (
    <FormModal
      title="Add a feed"
      verb="Add feed"
      disabled={url.trim() === ""}
      send={send}
      onDone={() => (void reloadDocuments(workspaceId), onClose())}
      onCancel={onClose}
    >
      <FormField label="Address" description="RSS or Atom; each entry becomes a document.">
        <Input
          value={url}
          type="url"
          inputMode="url"
          autoFocus
          placeholder="https://example.com/feed.xml"
          onChange={({ detail }) => setUrl(detail.value)}
        />
      </FormField>
      <FormField label="Entries at most">
        <Input type="number" inputMode="numeric" value={limit} onChange={({ detail }) => setLimit(detail.value)} />
      </FormField>
      <EveryField value={every} onChange={setEvery} />
    </FormModal>
  );
}
