import type { ReactNode } from 'react';

interface MainViewProps {
  readonly title: string;
  /** What stands before the title. */
  readonly menu: ReactNode;
  readonly children: ReactNode;
}

/** What stands beside the list of chats, below a title that says what it is. */
export function MainView({ title, menu, children }: MainViewProps) {
  return (
    <main className="main" id="main" tabIndex={-1}>
      <header className="bar">
        {menu}
        <h1>{title}</h1>
      </header>
      {children}
    </main>
  );
}
