const PATHS = {
  attach: 'M19.5 11.5 12 19a4.8 4.8 0 0 1-6.8-6.8l8-8a3.2 3.2 0 0 1 4.5 4.5l-8 8a1.6 1.6 0 0 1-2.2-2.2l7-7',
  file: 'M6 3h8l4 4v14H6V3ZM14 3v4h4',
  back: 'M15 6l-6 6 6 6',
  add: 'M12 5v14M5 12h14',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM16.5 16.5 21 21',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6 6 18',
  edit: 'M4 20h4L19 9l-4-4L4 16v4ZM13.5 6.5l4 4',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3-1-6ZM12 15v6',
  unpin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3-1-6ZM12 15v6M4 4l16 16',
  archive: 'M4 5h16v4H4zM5.5 9v10h13V9M10 13h4',
  tag: 'M4 4h8l8 8-8 8-8-8V4ZM8.5 8.5v.01',
  fork: 'M6 4v5a4 4 0 0 0 4 4h8M6 4v16M14 9l4 4-4 4',
  trash: 'M4 7h16M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3',
  restore: 'M4 4v6h6M4.5 10A8 8 0 1 1 4 14',
  send: 'M12 20V5M6 11l6-6 6 6',
  stop: 'M7 7h10v10H7z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 13l4 4L19 7',
  again: 'M20 4v6h-6M19.5 10A8 8 0 1 0 20 14',
  down: 'M12 5v14M6 13l6 6 6-6',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  tool: 'M14.5 6.5a4 4 0 0 0-5 5L4 17l3 3 5.5-5.5a4 4 0 0 0 5-5L15 12l-3-3 2.5-2.5Z',
  chevron: 'M9 6l6 6-6 6',
  previous: 'M15 6l-6 6 6 6',
  up: 'M12 19V5M6 11l6-6 6 6',
  settings: 'M4 7h10M18 7h2M16 5v4M4 17h2M10 17h10M8 15v4',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM5 20c.5-3.5 3.5-5 7-5s6.5 1.5 7 5',
  warning: 'M12 4 2.5 20h19L12 4ZM12 10v4M12 17v.5',
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9v.5',
  thumbUp: 'M8 20V10l4-6c1.5 0 2.2 1 2 2.5L13.5 10H19l-1.5 10H8ZM4 10h4v10H4z',
  thumbDown: 'M8 4v10l4 6c1.5 0 2.2-1 2-2.5L13.5 14H19L17.5 4H8ZM4 14h4V4H4z',
  handoff: 'M4 8h13l-3-3M20 16H7l3 3',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words, or inside a button that has a label. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
