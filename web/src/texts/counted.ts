/** A noun as it stands with one and with any other number. */
interface Forms {
  readonly one: string;
  readonly other: string;
}

/**
 * A number with its noun: `1 character`, `2,000 characters`.
 *
 * @param language of the noun, as a tag of BCP 47.
 */
export function counted(language: string, count: number, { one, other }: Forms): string {
  const isOne = new Intl.PluralRules(language).select(count) === 'one';
  return `${new Intl.NumberFormat(language).format(count)} ${isOne ? one : other}`;
}
