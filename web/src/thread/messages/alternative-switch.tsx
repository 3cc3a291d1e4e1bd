import type { Point } from 'questlog/client';
import { type KeyboardEvent, useEffect } from 'react';
import { useObservable } from '../../observable.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { isBusy } from '../store/thread-state.ts';
import { useThread } from '../thread-context.ts';

/** Goes from one version of what follows to another: none of them is lost. */
export function AlternativeSwitch({ point }: { readonly point: Point }) {
  const thread = useThread();
  const isOff = isBusy(useObservable(thread.state));
  const { message: texts } = useTexts();
  const { ids, current } = point;
  const place = ids.indexOf(current);
  // The messages of another version are drawn anew: who has switched to it stays on the switch.
  const stays = thread.chosen?.id === current ? thread.chosen.step : undefined;
  useEffect(() => {
    if (thread.chosen?.id === current) thread.chosen = undefined;
  }, [thread, current]);
  const go = (step: -1 | 1) => {
    const id = ids[place + step];
    if (id !== undefined && !isOff) void thread.select(id, step);
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'ArrowLeft') go(-1);
    if (key === 'ArrowRight') go(1);
  };
  return (
    <fieldset className="alternatives" aria-label={texts.version(place + 1, ids.length)}>
      <IconButton
        icon="previous"
        label={texts.previousVersion}
        aria-disabled={isOff || place === 0}
        autoFocus={stays === -1}
        onKeyDown={onKeyDown}
        onClick={() => go(-1)}
      />
      <span aria-hidden="true">
        {place + 1} / {ids.length}
      </span>
      <IconButton
        icon="chevron"
        label={texts.nextVersion}
        aria-disabled={isOff || place === ids.length - 1}
        autoFocus={stays === 1}
        onKeyDown={onKeyDown}
        onClick={() => go(1)}
      />
    </fieldset>
  );
}
