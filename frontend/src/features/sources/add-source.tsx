/** Following a folder of the server, or a prefix of a bucket. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { pathOf, reloadSources } from "@/features/sources/sources";
import { post } from "@/shared/api";
import { FormModal } from "@/shared/form-modal";
import type { Source, SourceSettings } from "@/shared/types";

const EVERY = [
  { value: "15", label: "Every 15 minutes" },
  { value: "60", label: "Every hour" },
  { value: "1440", label: "Every day" },
] as const;
const lines = (text: string): string[] =>
  text
    .split(/[\n,]+/)
    .map((line) => line.trim())
    .filter(Boolean);

export function AddSource({ workspaceId, onClose }: { workspaceId: string; onClose: () => void }) {
  const [kind, setKind] = useState<SourceSettings["kind"]>("folder");
  const [location, setLocation] = useState("");
  const [every, setEvery] = useState<string>("60");
  const [include, setInclude] = useState("");
  const [exclude, setExclude] = useState("");
  const send = (): Promise<Source> => {
    const wanted: SourceSettings = {
      kind,
      location: location.trim(),
      everyMinutes: Number(every),
      include: lines(include),
      exclude: lines(exclude),
    };
    return post<Source>(pathOf(workspaceId), wanted);
  };
  return (
    <FormModal
      title="Follow a folder or bucket"
      verb="Follow"
      disabled={location.trim() === ""}
      send={send}
      onDone={() => (void reloadSources(workspaceId), onClose())}
      onCancel={onClose}
    >
      <SegmentedControl
        selectedId={kind}
        label="Where the files are"
        options={[
          { id: "folder", text: "Folder of the server" },
          { id: "s3", text: "S3 bucket" },
        ]}
        onChange={({ detail }) => setKind(detail.selectedId === "s3" ? "s3" : "folder")}
      />
      <FormField label="Location" description="An administrator decides which may be followed.">
        <Input
          value={location}
          autoFocus
          placeholder={kind === "s3" ? "s3://bucket/reports/" : "/srv/handbook"}
          onChange={({ detail }) => setLocation(detail.value)}
        />
      </FormField>
      <FormField label="Look again">
        <Select
          options={EVERY}
          selectedOption={EVERY.find((one) => one.value === every) ?? null}
          onChange={({ detail }) => setEvery(detail.selectedOption.value ?? "60")}
        />
      </FormField>
      <FormField label="Only files like" description="Patterns such as reports/*.pdf, one a line. Empty takes all.">
        <Textarea rows={2} value={include} onChange={({ detail }) => setInclude(detail.value)} />
      </FormField>
      <FormField label="Never files like">
        <Textarea rows={2} value={exclude} onChange={({ detail }) => setExclude(detail.value)} />
      </FormField>
    </FormModal>
  );
}
