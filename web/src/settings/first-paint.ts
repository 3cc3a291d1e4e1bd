import { readStored } from '../storage.ts';
import { applyAppearance } from './appearance.ts';
import { SETTINGS, type Settings } from './settings.ts';

// A script of its own, which runs before the browser paints anything (`vite.config.ts`): the page itself comes after a
// flash of the other theme.
applyAppearance(readStored<Partial<Settings>>(SETTINGS) ?? {});
