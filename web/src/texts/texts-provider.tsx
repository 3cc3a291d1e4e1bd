import {
  createContext,
  type ReactNode,
  useContext,
  useLayoutEffect,
  useMemo,
  useSyncExternalStore,
} from 'react';
import { useObservable } from '../observable.ts';
import { useSettings } from '../settings/settings-context.ts';
import type { Texts } from './en.ts';
import { chooseSpeech, type Speech } from './languages.ts';

const SpeechContext = createContext<Speech | undefined>(undefined);

/** Makes the page speak the language of the person, and says which it is to who reads it out. */
export function TextsProvider({ children }: { readonly children: ReactNode }) {
  const { language } = useObservable(useSettings().chosen);
  const preferred = useSyncExternalStore(subscribeToLanguages, readLanguages);
  const speech = useMemo(() => chooseSpeech(language, preferred.split(' ')), [language, preferred]);
  useLayoutEffect(() => {
    document.documentElement.lang = speech.language;
  }, [speech]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

/** What the page says, in the language of the person. */
export function useTexts(): Texts {
  return useSpeech().texts;
}

/** The language with its region, for dates. */
export function useLocale(): string {
  return useSpeech().locale;
}

function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === undefined) throw new Error('outside of a TextsProvider');
  return speech;
}

function subscribeToLanguages(listener: () => void): () => void {
  window.addEventListener('languagechange', listener);
  return () => window.removeEventListener('languagechange', listener);
}

/** As text: some browsers make the list anew whenever it is read. */
function readLanguages(): string {
  return navigator.languages.join(' ');
}
