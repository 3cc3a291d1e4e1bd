import { useState } from 'react';
import { useObservable } from '../observable.ts';
import { useDataTexts } from '../texts/data-texts.ts';
import { useSettings } from './settings-context.ts';

/** The person is asked for their permission when they turn this on, and at no other time. */
export function NotifySwitch() {
  const settings = useSettings();
  const { settings: texts } = useDataTexts();
  const isWanted = useObservable(settings.chosen).notify === 'on';
  const [permission, setPermission] = useState(readPermission);
  const isRefused = permission === 'denied';
  const change = async (isOn: boolean) => {
    const given = isOn && permission === 'default' ? await Notification.requestPermission() : permission;
    setPermission(given);
    settings.choose({ notify: isOn && given === 'granted' ? 'on' : 'off' });
  };
  return (
    <>
      <label>
        {texts.notify}
        <input
          type="checkbox"
          checked={isWanted && permission === 'granted'}
          disabled={permission === undefined || isRefused}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
      </label>
      <p className="hint" role="status">
        {isRefused && texts.notifyRefused}
        {permission === undefined && texts.notifyMissing}
      </p>
    </>
  );
}

/** Undefined: the browser has no notifications, or not over plain http. */
function readPermission(): NotificationPermission | undefined {
  return 'Notification' in window ? Notification.permission : undefined;
}
