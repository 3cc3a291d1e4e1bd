import type { TextareaHTMLAttributes } from 'react';
import { useObservable } from '../../observable.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import { AttachButton } from './attach-button.tsx';
import { AttachedList } from './attached-list.tsx';
import { PastedList } from './pasted-list.tsx';
import { TextBox } from './text-box.tsx';
import { useUntaken } from './use-sending.ts';
import type { Writing } from './writing.ts';

interface WritingFieldsProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly writing: Writing;
  readonly maxRows: number;
  readonly onSend: () => void;
}

/** All that the person can write: the text, and lists of what goes with it. */
export function WritingFields({ writing, ...rest }: WritingFieldsProps) {
  const { files } = useTexts();
  const untaken = useUntaken(writing);
  const { text, pasted } = useObservable(writing.written);
  const attach = (given: readonly File[]) => writing.attach(given);
  return (
    <>
      <AttachedList writing={writing} />
      {untaken !== undefined && (
        <p className="attached-note problem" role="alert">
          <Icon name="warning" /> {files.untaken[untaken.what](untaken.agent)}
        </p>
      )}
      <PastedList pasted={pasted} onRemove={(index) => writing.removePasted(index)} />
      <AttachButton onFiles={attach} />
      <TextBox
        {...rest}
        value={text}
        onText={(typed) => writing.setText(typed)}
        onLongPaste={(long) => writing.addPasted(long)}
        onFiles={attach}
      />
    </>
  );
}
