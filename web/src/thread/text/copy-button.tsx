import { useState } from 'react';
import { IconButton } from '../../ui/icon-button.tsx';

interface CopyButtonProps {
  readonly label: string;
  readonly textOf: () => string;
}

export function CopyButton({ label, textOf }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(textOf());
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <IconButton
      icon={isCopied ? 'check' : 'copy'}
      label={isCopied ? 'Copied' : label}
      onClick={() => copy().catch(() => undefined)}
    />
  );
}
