import { useRef } from 'react';
import { useTexts } from '../../texts/texts-provider.tsx';
import { IconButton } from '../../ui/icon-button.tsx';

/** Lets the person pick files. */
export function AttachButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const { files } = useTexts();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton
        icon="attach"
        className="attach"
        label={files.attach}
        onClick={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          // The same file can be picked again.
          currentTarget.value = '';
        }}
      />
    </>
  );
}
