import type { z } from 'zod';

/** What a shape finds wrong with a value, first; undefined when it fits. */
export function firstIssue(shape: z.ZodType, value: unknown): string | undefined {
  const issue = shape.safeParse(value).error?.issues[0];
  return issue && `${issue.path.join('.')} ${issue.message}`.trim();
}
