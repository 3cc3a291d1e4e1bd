import { Database } from '../../src/database/database.ts';

/** A database that notes the statements that are sent to it. */
export function counting(db: Database): { readonly db: Database; readonly sent: string[] } {
  const sent: string[] = [];
  const spy = new Proxy(db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: [{ readonly text: string }]) => {
        if (name === 'query') sent.push(args[0].text);
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { db: new Database(spy), sent };
}
