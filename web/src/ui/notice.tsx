import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

interface NoticeProps {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}

/** What a part of the page shows when it has nothing else to show. */
export function Notice({ icon, title, children }: NoticeProps) {
  return (
    <div className="notice">
      {icon !== undefined && <Icon name={icon} />}
      <h2>{title}</h2>
      {children}
    </div>
  );
}
