import { counted } from '../counted.ts';
import { sized } from '../sized.ts';

/** What the page says of files. */
export const filesEn = {
  attach: 'Attach files',
  attached: 'Attached files',
  count: (count: number) => counted('en', count, { one: 'file attached', other: 'files attached' }),
  size: (bytes: number) => sized('en', bytes),
  remove: (name: string) => `Remove ${name}`,
  reading: (name: string) => `Reading ${name}…`,
  drop: 'Drop the files to attach them',
  notKept: 'This browser keeps no files: leave this tab open until they are sent.',
  untaken: {
    images: (agent: string) => `${agent} takes no pictures. Remove them to send this message.`,
    files: (agent: string) => `${agent} takes no files but texts. Remove the others to send this message.`,
  },
  refused: {
    empty: (name: string) => `${name} is empty.`,
    unreadable: (name: string) => `${name} could not be read. Folders cannot be attached.`,
    unknown_kind: (name: string) => `${name} is neither a picture, nor a PDF, nor a text.`,
    unknown_picture: (name: string) => `This browser cannot read ${name}. Save it as JPEG or PNG.`,
    too_large: (name: string, size: string, limit: string) =>
      `${name} is too large: it has ${size}, and there is room for ${limit}.`,
    too_many: (name: string, limit: number) => `${name} is one too many: a message takes ${limit} files.`,
  },
  sending: (size: string) => `Sending ${size}…`,
  unnamed: { image: 'Picture', document: 'File', text: 'Text' },
  open: (name: string) => `Open ${name}`,
  save: (name: string) => `Save ${name}`,
  close: 'Close',
  previous: 'Previous picture',
  next: 'Next picture',
};
