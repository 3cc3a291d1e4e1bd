import type { Usage } from 'questlog/client';
import { useLocale, useTexts } from '../../texts/texts-provider.tsx';

interface UsageLineProps {
  readonly usage: Usage;
  /** How long it took. */
  readonly seconds?: number;
}

/** What an answer or a chat cost, in the model's tokens. */
export function UsageLine({ usage, seconds }: UsageLineProps) {
  const { usage: texts } = useTexts();
  const locale = useLocale();
  const numbers = new Intl.NumberFormat(locale);
  const tokens = texts.tokens(numbers.format(usage.input_tokens), numbers.format(usage.output_tokens));
  // Of an answer that was cut off the model has counted nothing.
  const said = [
    ...(usage.total_tokens === 0 ? [] : [tokens]),
    ...(seconds === undefined ? [] : [formatTime(seconds, locale)]),
  ];
  return said.length === 0 ? null : <span className="usage">{said.join(' · ')}</span>;
}

/** An answer may have waited for a decision for hours. */
function formatTime(seconds: number, locale: string): string {
  const [amount, unit] = seconds < 60 ? [seconds, 'second'] : [seconds / 60, 'minute'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: 1 }).format(amount);
}
