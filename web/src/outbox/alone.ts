import { ownName } from '../config.ts';

/** Works in one tab at a time. Where pages came by plain http there are no locks: what is done twice has to be harmless. */
export function alone<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const locks = locksOf(navigator);
  return locks === undefined ? work() : locks.request(ownName(`-${name}`), work);
}

/** Undefined: the page came by plain http. */
export function locksOf({ locks }: { readonly locks?: LockManager }): LockManager | undefined {
  return locks;
}
