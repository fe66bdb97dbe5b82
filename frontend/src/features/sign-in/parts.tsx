/** What stands beside the fields of a sign-in form. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { goThrough } from "@/features/sign-in/pool";
import { copy } from "@/shared/clipboard";
import { Refusal } from "@/shared/states";

/** Another way on than the form's own. */
export function Other({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <Box textAlign="center">
      <Button variant="inline-link" formAction="none" onClick={onClick}>
        {children}
      </Button>
    </Box>
  );
}

/** Sign in at another house, on a page of its own. */
export function Through({ provider }: { provider: string }) {
  const going = useMutation({ mutationFn: () => goThrough(provider) });
  return (
    <SpaceBetween size="s">
      {going.error && <Refusal error={going.error} />}
      <Button
        fullWidth
        iconName="external"
        formAction="none"
        loading={going.isPending}
        onClick={() => going.mutate()}
      >{`Continue with ${provider}`}</Button>
    </SpaceBetween>
  );
}

/** The secret of an authenticator app. `link` opens one that is on this device. */
export function SecretKey({ secret, link }: { secret: string; link: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="secret-key">
      <code>{secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}</code>
      <SpaceBetween direction="horizontal" size="m">
        <Button variant="inline-link" formAction="none" onClick={() => void copy(secret).then(setCopied)}>
          {copied ? "Copied" : "Copy the key"}
        </Button>
        <a href={link}>Open an app on this device</a>
      </SpaceBetween>
    </div>
  );
}
