import { useState } from 'react';
import { useTexts } from '../../texts/texts-provider.tsx';
import { IconButton } from '../../ui/icon-button.tsx';

interface CopyButtonProps {
  readonly label: string;
  readonly textOf: () => string;
}

export function CopyButton({ label, textOf }: CopyButtonProps) {
  const { text } = useTexts();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(textOf());
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <IconButton
      icon={isCopied ? 'check' : 'copy'}
      label={isCopied ? text.copied : label}
      onClick={() => copy().catch(() => undefined)}
    />
  );
}
