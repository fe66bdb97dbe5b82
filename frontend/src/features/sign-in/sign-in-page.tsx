/** Signing in: by name and password, or by the link that the server printed. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import "@/features/sign-in/sign-in.css";
import { signIn } from "@/shared/auth";
import { usePageTitle } from "@/shared/page-title";
import { Refusal } from "@/shared/states";

/** `linkError`: why a sign-in link did not work. */
export function SignInPage({ linkError }: { linkError: unknown }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const signing = useMutation({ mutationFn: () => signIn(name.trim(), password) });
  usePageTitle("Sign in");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signing.mutate();
  };
  const error: unknown = signing.error ?? (signing.isIdle ? linkError : null);
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <Container header={<Header variant="h1">Sign in to Kosha</Header>}>
          <SpaceBetween size="m">
            {error !== null && error !== undefined && <Refusal error={error} />}
            <FormField label="User name">
              <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete="username" autoFocus />
            </FormField>
            <FormField label="Password">
              <Input
                type="password"
                value={password}
                onChange={({ detail }) => setPassword(detail.value)}
                autoComplete="current-password"
              />
            </FormField>
            <Button
              variant="primary"
              fullWidth
              loading={signing.isPending}
              disabled={name.trim() === "" || password === ""}
            >
              Sign in
            </Button>
            <Box variant="small" color="text-body-secondary">
              First time here? Open the sign-in link that the server printed when it started.
            </Box>
          </SpaceBetween>
        </Container>
      </form>
    </main>
  );
}
