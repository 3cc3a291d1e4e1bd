import { createContext, useContext } from 'react';
import type { SettingsStore } from './settings-store.ts';

const SettingsContext = createContext<SettingsStore | undefined>(undefined);

export const SettingsProvider = SettingsContext.Provider;

export function useSettings(): SettingsStore {
  const settings = useContext(SettingsContext);
  if (settings === undefined) throw new Error('outside of a SettingsProvider');
  return settings;
}
