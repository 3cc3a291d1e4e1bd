import { Observable } from '../observable.ts';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | undefined;
}

const TOAST_MS = 8_000;

/** Short notes at the edge of the page. */
export class Toasts {
  readonly shown = new Observable<readonly Toast[]>([]);
  #next = 1;

  show(text: string, action?: Toast['action']): void {
    const id = this.#next++;
    this.shown.set([...this.shown.get(), { id, text, action }].slice(-3));
    setTimeout(() => this.close(id), TOAST_MS);
  }

  close(id: number): void {
    this.shown.set(this.shown.get().filter((toast) => toast.id !== id));
  }
}
