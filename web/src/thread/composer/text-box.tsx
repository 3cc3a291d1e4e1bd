import { type ClipboardEvent, type TextareaHTMLAttributes, useLayoutEffect, useRef } from 'react';
import { useObservable } from '../../observable.ts';
import { useSettings } from '../../settings/settings-context.ts';
import { shortcutOf, WRITING } from '../../shortcuts/shortcuts.ts';
import { LONG_TEXT } from '../store/message.ts';

interface TextBoxProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly value: string;
  /** It grows with its text, up to so many rows. */
  readonly maxRows: number;
  readonly onText: (text: string) => void;
  readonly onSend: () => void;
  /** Takes a text that is too long for the box. */
  readonly onLongPaste: (text: string) => void;
  readonly onFiles: (files: readonly File[]) => void;
}

/** Where the person writes more than a line; which keys send it and which make a new line, they have chosen. */
export function TextBox({ value, maxRows, onText, onSend, onLongPaste, onFiles, ...rest }: TextBoxProps) {
  const { sendKey } = useObservable(useSettings().chosen);
  const box = useRef<HTMLTextAreaElement>(null);
  // Not as `value`: React would write all of a long text into the page with every key.
  useLayoutEffect(() => {
    if (box.current !== null && box.current.value !== value) box.current.value = value;
  }, [value]);
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text');
    const files = [...event.clipboardData.files];
    if (files.length > 0 && isNamesOf(text, files)) {
      event.preventDefault();
      onFiles(files);
    }
    if (text.length < LONG_TEXT) return;
    event.preventDefault();
    onLongPaste(text);
  };
  return (
    <textarea
      {...rest}
      ref={box}
      dir={directionOf(value)}
      // It looks at all of the text with every key.
      spellCheck={value.length < LONG_TEXT}
      // For browsers without `field-sizing`.
      rows={rowsOf(value, maxRows)}
      onChange={(event) => onText(event.currentTarget.value)}
      onPaste={onPaste}
      onKeyDown={(event) => {
        rest.onKeyDown?.(event);
        if (shortcutOf(WRITING[sendKey], event.nativeEvent) !== 'send') return;
        event.preventDefault();
        onSend();
      }}
    />
  );
}

/**
 * Whether a clipboard says no more in words than which files it has. Spreadsheets and word processors add a picture of what
 * they say: there the words are meant.
 */
function isNamesOf(text: string, files: readonly File[]): boolean {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return lines.every((line) => files.some(({ name }) => line.trim().endsWith(name)));
}

const RIGHT_TO_LEFT =
  /^\P{L}*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** `dir="auto"` would cost seconds where a text is long: it looks at each of its lines. */
function directionOf(text: string): 'rtl' | 'ltr' {
  return RIGHT_TO_LEFT.test(text.slice(0, 200)) ? 'rtl' : 'ltr';
}

function rowsOf(text: string, most: number): number {
  let rows = 1;
  for (let at = text.indexOf('\n'); at >= 0 && rows < most; at = text.indexOf('\n', at + 1)) rows++;
  return rows;
}
