import { useEffect } from 'react';
import { Observable, useObservable } from '../../observable.ts';
import { Highlighter } from './highlighter.ts';

/** A part of the page that few answers need: it is fetched when one does. */
export class OnDemand<Module> {
  readonly loaded = new Observable<Module | undefined>(undefined);
  readonly #load: () => Promise<Module>;
  #isLoading = false;

  constructor(load: () => Promise<Module>) {
    this.#load = load;
  }

  /** Without a network what needs it stays plain, until something needs it again. */
  async fetch(): Promise<void> {
    if (this.#isLoading || this.loaded.get() !== undefined) return;
    this.#isLoading = true;
    try {
      this.loaded.set(await this.#load());
    } catch {
      this.#isLoading = false;
    }
  }
}

/** What colours code, finds formulas and sets them. */
export class Libraries {
  readonly highlighter = new Highlighter();
  readonly maths = new OnDemand(() => import('./maths/index.ts'));
  readonly formulas = new OnDemand(() => import('./maths/formula.tsx'));
}

/** @param isNeeded false asks for nothing. @returns undefined until it is there. */
export function useOnDemand<Module>(part: OnDemand<Module>, isNeeded: boolean): Module | undefined {
  const loaded = useObservable(part.loaded);
  useEffect(() => {
    if (isNeeded) void part.fetch();
  }, [part, isNeeded]);
  return isNeeded ? loaded : undefined;
}
