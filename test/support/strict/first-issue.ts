import type { z } from 'zod';

/** What a shape finds wrong with a value, first; undefined when it fits. */
export function firstIssue(shape: z.ZodType, value: unknown): string | undefined {
  const issue = shape.safeParse(value).error?.issues[0];
  if (issue === undefined) return undefined;
  const { path, message } = deepest(issue);
  return `${path.join('.')} ${message}`.trim();
}

/** Of the alternatives of a union, the one that the value fits best says what is wrong. */
function deepest(issue: z.core.$ZodIssue): Pick<z.core.$ZodIssue, 'path' | 'message'> {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flatMap(([first]) => (first === undefined ? [] : [deepest(first)]));
  const [best] = inner.sort((one, other) => other.path.length - one.path.length);
  return best === undefined ? issue : { path: [...issue.path, ...best.path], message: best.message };
}
