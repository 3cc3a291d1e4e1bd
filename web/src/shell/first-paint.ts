import { readPageConfig, readPath } from '../config.ts';
import { applyAppearance } from '../settings/appearance.ts';
import { SETTINGS, type Settings } from '../settings/settings.ts';
import { readStored } from '../storage.ts';
import { chooseShell } from './choose-shell.ts';

// A script of its own, which runs before the browser paints anything (`vite.config.ts`): the page itself comes after a
// flash of the other theme, and after its bundle.
applyAppearance(readStored<Partial<Settings>>(SETTINGS) ?? {});
document.documentElement.dataset.shell = chooseShell(readPageConfig(), readPath());
