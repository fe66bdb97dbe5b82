/** Adding what is not a file: a pasted text, or a question with its answer. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { reloadDocuments } from "@/features/documents/documents";
import { post } from "@/shared/api";
import { FormModal } from "@/shared/form-modal";
import type { Document } from "@/shared/types";

type AddProps = { workspaceId: string; onClose: () => void };

export function AddText({ workspaceId, onClose }: AddProps) {
  const [title, setTitle] = useState("");
  const [content, setContent] = useState("");
  return (
    <FormModal
      title="Add text"
      verb="Add text"
      size="large"
      disabled={title.trim() === "" || content.trim() === ""}
      send={() => post<Document>(`/api/workspaces/${workspaceId}/documents/text`, { title: title.trim(), content })}
      onDone={() => (void reloadDocuments(workspaceId), onClose())}
      onCancel={onClose}
    >
      <FormField label="Title" description="It is shown where an answer names its source.">
        <Input value={title} autoFocus onChange={({ detail }) => setTitle(detail.value)} />
      </FormField>
      <FormField label="Text" description="Plain or Markdown.">
        <Textarea value={content} rows={10} onChange={({ detail }) => setContent(detail.value)} />
      </FormField>
    </FormModal>
  );
}

export function AddQuestion({ workspaceId, onClose }: AddProps) {
  const [question, setQuestion] = useState("");
  const [answer, setAnswer] = useState("");
  return (
    <FormModal
      title="Add question and answer"
      verb="Add Q&A"
      disabled={question.trim() === "" || answer.trim() === ""}
      send={() =>
        post<Document>(`/api/workspaces/${workspaceId}/documents/qna`, {
          question: question.trim(),
          answer: answer.trim(),
        })
      }
      onDone={() => (void reloadDocuments(workspaceId), onClose())}
      onCancel={onClose}
    >
      <FormField label="Question" description="Questions like this one find the answer below.">
        <Input value={question} autoFocus onChange={({ detail }) => setQuestion(detail.value)} />
      </FormField>
      <FormField label="Answer">
        <Textarea value={answer} rows={6} onChange={({ detail }) => setAnswer(detail.value)} />
      </FormField>
    </FormModal>
  );
}
