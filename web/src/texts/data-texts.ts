import { dataDe } from './de/data.ts';
import { type DataTexts, dataEn } from './en/data.ts';
import { useLanguage } from './texts-provider.tsx';

/** What is said where a person looks after what they have: in all languages, as it comes when it is shown. */
export function useDataTexts(): DataTexts {
  return useLanguage() === 'de' ? dataDe : dataEn;
}
