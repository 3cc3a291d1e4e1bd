const UNITS = ['byte', 'kilobyte', 'megabyte'] as const;

/**
 * A number of bytes in the unit that fits: `820 bytes`, `1.2 MB`.
 *
 * @param language as a tag of BCP 47.
 */
export function sized(language: string, bytes: number): string {
  const step = bytes < 1_000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const format = {
    style: 'unit',
    unit: UNITS[step],
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: 1,
  } as const;
  return new Intl.NumberFormat(language, format).format(bytes / 1_000 ** step);
}
