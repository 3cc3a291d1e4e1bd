import { useObservable } from '../observable.ts';
import { IconButton } from './icon-button.tsx';
import type { Toasts } from './toast-store.ts';

export function ToastList({ toasts }: { readonly toasts: Toasts }) {
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
          <IconButton icon="close" label="Dismiss" onClick={() => toasts.close(id)} />
        </div>
      ))}
    </div>
  );
}
