import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useLayoutEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import { useObservable } from '../observable.ts';
import { useSettings } from '../settings/settings-context.ts';
import { en, type Texts } from './en.ts';
import { chooseSpeech, loadTexts, type Speech } from './languages.ts';

interface Spoken extends Speech {
  readonly texts: Texts;
}

const SpokenContext = createContext<Spoken | undefined>(undefined);

/** Makes the page speak the language of the person, and says which it is to who reads it out. */
export function TextsProvider({ children }: { readonly children: ReactNode }) {
  const { language: chosen } = useObservable(useSettings().chosen);
  const preferred = useSyncExternalStore(subscribeToLanguages, readLanguages);
  const { language, locale } = chooseSpeech(chosen, preferred.split(' '));
  const [spoken, setSpoken] = useState<Spoken | undefined>(
    language === 'en' ? { language, locale, texts: en } : undefined,
  );
  useEffect(() => {
    let isCurrent = true;
    const speak = (next: Spoken) => isCurrent && setSpoken(next);
    loadTexts(language).then(
      (texts) => speak({ language, locale, texts }),
      // Without a network what is there is spoken.
      () => speak({ language: 'en', locale, texts: en }),
    );
    return () => {
      isCurrent = false;
    };
  }, [language, locale]);
  useLayoutEffect(() => {
    if (spoken !== undefined) document.documentElement.lang = spoken.language;
  }, [spoken]);
  return spoken && <SpokenContext value={spoken}>{children}</SpokenContext>;
}

/** What the page says, in the language of the person. */
export function useTexts(): Texts {
  return useSpoken().texts;
}

/** The language with its region, for dates. */
export function useLocale(): string {
  return useSpoken().locale;
}

/** That of the texts. */
export function useLanguage(): Speech['language'] {
  return useSpoken().language;
}

function useSpoken(): Spoken {
  const spoken = useContext(SpokenContext);
  if (spoken === undefined) throw new Error('outside of a TextsProvider');
  return spoken;
}

function subscribeToLanguages(listener: () => void): () => void {
  window.addEventListener('languagechange', listener);
  return () => window.removeEventListener('languagechange', listener);
}

/** As text: some browsers make the list anew whenever it is read. */
function readLanguages(): string {
  return navigator.languages.join(' ');
}
