/** What can be changed of a document without bringing it again: name, own fields, whether it is searched, how often. */
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Toggle from "@cloudscape-design/components/toggle";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { EveryField } from "@/features/documents/every-field";
import { change } from "@/features/documents/documents";
import { fromLines, toLines } from "@/features/documents/own-fields";
import { show } from "@/shared/notices";
import { Refusal } from "@/shared/states";
import type { Document } from "@/shared/types";

const SAVED_MS = 4000;

export function DocumentDetails({ document, mayChange }: { document: Document; mayChange: boolean }) {
  const [title, setTitle] = useState(document.title);
  const [fields, setFields] = useState(toLines(document.metadata));
  const [enabled, setEnabled] = useState(document.enabled);
  const [every, setEvery] = useState<number | null>(document.everyMinutes ?? null);
  const isFollowed = ["website", "rssfeed"].includes(document.type) && document.parentId === undefined;
  const saving = useMutation({
    mutationFn: () =>
      change(document, {
        title: title.trim(),
        metadata: fromLines(fields),
        enabled,
        ...(isFollowed && every !== (document.everyMinutes ?? null) ? { everyMinutes: every } : {}),
      }),
    onSuccess: () => show({ type: "success", text: `"${title.trim()}" is saved.`, lastsMs: SAVED_MS }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (mayChange && title.trim() !== "") saving.mutate();
  };
  return (
    <Container header={<Header variant="h2">Details</Header>}>
      <form onSubmit={submit}>
        <SpaceBetween size="m">
          <FormField label="Name">
            <Input value={title} disabled={!mayChange} onChange={({ detail }) => setTitle(detail.value)} />
          </FormField>
          <FormField label="Own fields" description="One a line, as year = 2026. Search can filter by them.">
            <Textarea
              rows={3}
              value={fields}
              disabled={!mayChange}
              onChange={({ detail }) => setFields(detail.value)}
            />
          </FormField>
          {isFollowed && mayChange && <EveryField value={every} onChange={setEvery} />}
          <FormField description="Switched off, it is kept, and no answer uses it.">
            <Toggle checked={enabled} disabled={!mayChange} onChange={({ detail }) => setEnabled(detail.checked)}>
              Searched
            </Toggle>
          </FormField>
          {saving.error && <Refusal error={saving.error} />}
          {mayChange && (
            <Button variant="primary" loading={saving.isPending} disabled={title.trim() === ""}>
              Save
            </Button>
          )}
        </SpaceBetween>
      </form>
    </Container>
  );
}
