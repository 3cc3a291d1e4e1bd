import { useState } from 'react';
import { pictureOf, type ShownFile, textOfFile, urlOf } from '../../files/file-part.ts';
import { save, toBlob } from '../../files/save-file.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import { CodeBlock } from '../text/code-block.tsx';
import { Folded } from '../text/folded.tsx';
import { PictureViewer } from './picture-viewer.tsx';
import { useFilePart } from './use-file-part.ts';

/** So much of a text is shown until the person asks for all of it. */
const SHOWN_CHARACTERS = 2_000;
/** In pixels. */
const MOST = { width: 420, height: 240 };

/** The files of a message. */
export function FileList({ files }: { readonly files: readonly ShownFile[] }) {
  const [opened, setOpened] = useState<number>();
  const pictures = files.filter(({ kind }) => kind === 'image');
  return (
    <>
      <ul className="files">
        {files.map((file, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what is sent does not change.
          <li key={index}>
            {file.kind === 'text' ? (
              <TextFile file={file} />
            ) : (
              <BinaryFile file={file} onOpen={() => setOpened(pictures.indexOf(file))} />
            )}
          </li>
        ))}
      </ul>
      {opened !== undefined && (
        <PictureViewer pictures={pictures} first={opened} onClose={() => setOpened(undefined)} />
      )}
    </>
  );
}

interface BinaryFileProps {
  readonly file: ShownFile;
  readonly onOpen: () => void;
}

function BinaryFile({ file, onOpen }: BinaryFileProps) {
  const { files } = useTexts();
  const part = useFilePart(file.content);
  const name = file.name || files.unnamed[file.kind];
  const url = part && urlOf(part);
  // To load it would tell its server who reads this: the person may follow the link.
  if (url !== undefined && !url.startsWith('data:')) {
    return (
      <a className="file" href={url} target="_blank" rel="noopener noreferrer nofollow">
        <Icon name="file" /> {name} <small>{URL.canParse(url) ? new URL(url).host : url}</small>
      </a>
    );
  }
  const picture = part && pictureOf(part);
  // Its place is there before its data.
  if (picture !== undefined || (part === undefined && file.kind === 'image')) {
    return (
      <button
        type="button"
        className="file-picture"
        aria-label={files.open(name)}
        title={name}
        onClick={onOpen}
      >
        <span style={placeOf(file)}>{picture && <img src={picture} alt={name} draggable={false} />}</span>
      </button>
    );
  }
  const content = part && toBlob(part);
  const size = file.size > 0 ? files.size(file.size) : '';
  return (
    <button
      type="button"
      className="file"
      disabled={content === undefined}
      aria-label={files.save(`${name} ${size}`.trim())}
      onClick={() => content && save(name, content)}
    >
      <Icon name="file" /> <span dir="auto">{name}</span> <small>{size}</small>
    </button>
  );
}

function TextFile({ file }: { readonly file: ShownFile }) {
  const { files } = useTexts();
  const part = useFilePart(file.content);
  const text = part?.type === 'input_text' ? textOfFile(part) : '';
  return (
    <details className="file-text">
      <summary>
        <Icon name="chevron" />
        <Icon name="file" /> <span dir="auto">{file.name}</span> <small>{files.size(file.size)}</small>
      </summary>
      <Folded text={text} limit={SHOWN_CHARACTERS}>
        {(shown) => <CodeBlock language={/\.(\w+)$/.exec(file.name)?.[1]} text={shown} />}
      </Folded>
      <button type="button" className="link" onClick={() => save(file.name, new Blob([text]))}>
        {files.save(file.name)}
      </button>
    </details>
  );
}

/** As large as the picture will be: what is read below does not move. */
function placeOf({ width = MOST.height, height = MOST.height }: ShownFile): React.CSSProperties {
  const scale = Math.min(1, MOST.width / width, MOST.height / height);
  return { width: Math.max(24, width * scale), aspectRatio: `${width} / ${height}` };
}
