import { createElement, Fragment, type ReactNode } from 'react';

interface FilledProps {
  /** Says with `{name}` where a part belongs: languages put them in different places. */
  readonly text: string;
  readonly parts: Readonly<Record<string, ReactNode>>;
}

/** A sentence that holds more than text. */
export function Filled({ text, parts }: FilledProps) {
  const pieces = text.split(/\{(\w+)\}/).map((piece, index) => (index % 2 === 0 ? piece : parts[piece]));
  return createElement(Fragment, null, ...pieces);
}
