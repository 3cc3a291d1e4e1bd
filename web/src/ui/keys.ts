import type { KeyboardEvent } from 'react';

/** In Safari the Enter that ends a composition comes after it, with the code of keys that an input method handles. */
const HANDLED_BY_INPUT_METHOD = 229;

/** Whether Enter was pressed to end what is written, not to choose what an input method offers, nor for a new line. */
export function isEnter({ key, shiftKey, keyCode, nativeEvent }: KeyboardEvent): boolean {
  return key === 'Enter' && !shiftKey && !nativeEvent.isComposing && keyCode !== HANDLED_BY_INPUT_METHOD;
}
