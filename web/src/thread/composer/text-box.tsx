import type { TextareaHTMLAttributes } from 'react';
import { isEnter } from '../../ui/keys.ts';

interface TextBoxProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly value: string;
  /** It grows with its text, up to so many rows. */
  readonly maxRows: number;
  readonly onText: (text: string) => void;
  readonly onEnter: () => void;
}

/** Where the person writes more than a line. Enter ends it, Shift and Enter make a new line. */
export function TextBox({ value, maxRows, onText, onEnter, ...rest }: TextBoxProps) {
  return (
    <textarea
      {...rest}
      dir="auto"
      // For browsers without `field-sizing`.
      rows={rowsOf(value, maxRows)}
      value={value}
      onChange={(event) => onText(event.currentTarget.value)}
      onKeyDown={(event) => {
        rest.onKeyDown?.(event);
        if (!isEnter(event)) return;
        event.preventDefault();
        onEnter();
      }}
    />
  );
}

function rowsOf(text: string, most: number): number {
  let rows = 1;
  for (let at = text.indexOf('\n'); at >= 0 && rows < most; at = text.indexOf('\n', at + 1)) rows++;
  return rows;
}
