import { useObservable } from '../observable.ts';
import { useSettings } from '../settings/settings-context.ts';
import { useDataTexts } from '../texts/data-texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { SHORTCUTS, type Shortcuts, usable, WRITING } from './shortcuts.ts';
import { useKeyNames } from './use-key-names.ts';

/** All shortcuts, as they work with the settings of the person. */
export function ShortcutDialog({ onClose }: { readonly onClose: () => void }) {
  const { settings, shortcuts: texts } = useDataTexts();
  const { sendKey } = useObservable(useSettings().chosen);
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <div className="shortcuts">
        <Group title={texts.page} names={texts.inPage} shortcuts={SHORTCUTS.page} />
        <Group
          title={texts.chat}
          names={texts.inChat}
          shortcuts={{ ...SHORTCUTS.chat, ...SHORTCUTS.answer }}
        />
        <Group title={texts.writing} names={texts.inWriting} shortcuts={WRITING[sendKey]} />
        <Group title={texts.editing} names={texts.inEditing} shortcuts={SHORTCUTS.editing} />
        <Group title={texts.search} names={texts.inSearch} shortcuts={SHORTCUTS.search} />
        <Group title={texts.list} names={texts.inList} shortcuts={{ ...SHORTCUTS.list, ...SHORTCUTS.row }} />
      </div>
      <form method="dialog">
        <button type="submit" className="button primary">
          {settings.done}
        </button>
      </form>
    </Dialog>
  );
}

interface GroupProps<Name extends string> {
  readonly title: string;
  readonly names: Readonly<Record<Name, string>>;
  readonly shortcuts: Shortcuts<Name>;
}

function Group<Name extends string>({ title, names, shortcuts }: GroupProps<Name>) {
  const settings = useObservable(useSettings().chosen);
  const nameOf = useKeyNames();
  const all = Object.keys(shortcuts) as Name[];
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl>
        {all.map((name) => (
          <div key={name}>
            <dt>{names[name]}</dt>
            {usable(shortcuts[name], settings).map((keys) => (
              <dd key={keys}>
                <kbd>{nameOf([keys])}</kbd>
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </section>
  );
}
