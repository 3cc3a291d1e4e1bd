import { useObservable } from '../observable.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import { IconButton } from './icon-button.tsx';
import type { Toasts } from './toast-store.ts';

export function ToastList({ toasts }: { readonly toasts: Toasts }) {
  const { common } = useTexts();
  const shown = useObservable(toasts.shown);
  return (
    <div className="toasts" role="status">
      {shown.map(({ id, text, action }) => (
        <div className="toast" key={id}>
          <span dir="auto">{text}</span>
          {action !== undefined && (
            <button
              type="button"
              className="link"
              onClick={() => {
                action.run();
                toasts.close(id);
              }}
            >
              {action.label}
            </button>
          )}
          <IconButton icon="close" label={common.dismiss} onClick={() => toasts.close(id)} />
        </div>
      ))}
    </div>
  );
}
