import type { AttachedFile } from '../../files/file-part.ts';
import { pictureOf } from '../../files/file-part.ts';
import type { RefusedFile } from '../../files/read-file.ts';
import { useObservable } from '../../observable.ts';
import type { Texts } from '../../texts/en.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';
import { useFilePart } from '../files/use-file-part.ts';
import type { Writing } from './writing.ts';

/** The files that go with what is written, those that are being read, and why others do not go. */
export function AttachedList({ writing }: { readonly writing: Writing }) {
  const texts = useTexts();
  const words = texts.files;
  const kept = useWorkspace().files;
  const { files } = useObservable(writing.written);
  const { reading, refused } = useObservable(writing.incoming);
  return (
    <>
      <p className="hidden" role="status">
        {files.length > 0 && words.count(files.length)}
      </p>
      {files.length + reading.length > 0 && (
        <ul className="attached" aria-label={words.attached}>
          {files.map((file) => (
            <Attached key={file.id} file={file} onRemove={() => writing.removeFile(file.id)} />
          ))}
          {reading.map((name, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two of them may be the same.
            <li key={index}>
              <span dir="auto">{words.reading(name)}</span>
            </li>
          ))}
        </ul>
      )}
      {!kept.areKept(files) && <p className="attached-note">{words.notKept}</p>}
      {refused.length > 0 && (
        <div className="attached-note problem" role="alert">
          {refused.map((file) => (
            <p key={file.name} dir="auto">
              {wordsFor(file, words)}
            </p>
          ))}
          <IconButton icon="close" label={texts.common.dismiss} onClick={() => writing.dismissRefused()} />
        </div>
      )}
    </>
  );
}

interface AttachedProps {
  readonly file: AttachedFile;
  readonly onRemove: () => void;
}

function Attached({ file, onRemove }: AttachedProps) {
  const { files } = useTexts();
  const part = useFilePart(file.kind === 'image' ? file.id : undefined);
  const picture = part && pictureOf(part);
  return (
    <li>
      {picture === undefined ? <Icon name="file" /> : <img src={picture} alt="" width="34" height="34" />}
      <span dir="auto" title={file.name}>
        {file.name}
      </span>
      <small>{files.size(file.size)}</small>
      <IconButton icon="close" label={files.remove(file.name)} onClick={onRemove} />
    </li>
  );
}

function wordsFor({ why, name, size, limit }: RefusedFile, { refused, size: sized }: Texts['files']): string {
  return why === 'too_many' ? refused[why](name, limit) : refused[why](name, sized(size), sized(limit));
}
