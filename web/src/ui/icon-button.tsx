import type { ButtonHTMLAttributes } from 'react';
import { Icon, type IconName } from './icons.tsx';

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: IconName;
  /** What it does: read out, and shown when the pointer rests on it. */
  readonly label: string;
}

export function IconButton({ icon, label, className = '', ...rest }: IconButtonProps) {
  return (
    <button type="button" aria-label={label} title={label} className={`icon-button ${className}`} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
