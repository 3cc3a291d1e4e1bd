import { useObservable } from '../observable.ts';
import { useKeyNames } from '../shortcuts/use-key-names.ts';
import { useDataTexts } from '../texts/data-texts.ts';
import { LANGUAGES } from '../texts/languages.ts';
import { Dialog } from '../ui/dialog.tsx';
import { NotifySwitch } from './notify-switch.tsx';
import type { Settings } from './settings.ts';
import { useSettings } from './settings-context.ts';
import { CHOICES } from './settings-store.ts';

interface SettingsDialogProps {
  readonly onShortcuts: () => void;
  readonly onData: () => void;
  readonly onClose: () => void;
}

/** What the person can choose of. Each choice is applied at once. */
export function SettingsDialog({ onShortcuts, onData, onClose }: SettingsDialogProps) {
  const { settings: texts, shortcuts } = useDataTexts();
  const nameOf = useKeyNames();
  const keys = { enter: nameOf(['Enter']), 'mod-enter': nameOf(['Mod+Enter']) };
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <div className="settings">
        <Choice name="theme" label={texts.theme} words={texts.themes} />
        <Choice name="textSize" label={texts.textSize} words={texts.textSizes} />
        <Choice name="language" label={texts.language} words={{ system: texts.browsers, ...ownNames() }} />
        <Choice name="sendKey" label={texts.sendKey} words={keys} />
        <Choice name="singleKeys" label={texts.singleKeys} words={texts.onOrOff} />
        <NotifySwitch />
      </div>
      <form method="dialog">
        <button type="button" className="button" onClick={onShortcuts}>
          {shortcuts.title}
        </button>
        <button type="button" className="button" onClick={onData}>
          {texts.data}
        </button>
        <button type="submit" className="button primary">
          {texts.done}
        </button>
      </form>
    </Dialog>
  );
}

interface ChoiceProps<Name extends keyof Settings> {
  readonly name: Name;
  readonly label: string;
  /** What each choice is called. */
  readonly words: Readonly<Record<Settings[Name], string>>;
}

function Choice<Name extends keyof Settings>({ name, label, words }: ChoiceProps<Name>) {
  const settings = useSettings();
  const choices: readonly Settings[Name][] = CHOICES[name];
  return (
    <label>
      {label}
      <select
        value={useObservable(settings.chosen)[name]}
        onChange={(event) => settings.choose({ [name]: event.currentTarget.value })}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {words[choice]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Each language as those call it who speak it. */
function ownNames(): Readonly<Record<(typeof LANGUAGES)[number], string>> {
  const named = LANGUAGES.map((tag) => [tag, new Intl.DisplayNames(tag, { type: 'language' }).of(tag)]);
  return Object.fromEntries(named);
}
