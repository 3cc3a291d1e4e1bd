import { createRoot } from 'react-dom/client';
import { Root } from './root.tsx';
import './ui/base.css';
import './ui/layout.css';
import './settings/dialogs.css';
import './chats/chats.css';
import './chats/chat-row.css';
import './chats/found/found.css';
import './thread/thread.css';
import './thread/header/header.css';
import './thread/scroll/place.css';
import './thread/messages/cards.css';
import './thread/composer/composer.css';
import './thread/files/files.css';
import './thread/text/highlighted-code.css';
import './thread/text/markdown.css';
import './shell/shell.css';

const root = document.getElementById('root');
if (root !== null) {
  // When the page draws something, before that is painted: until then it waits for texts, or for who the person is.
  const shell = new MutationObserver(() => {
    for (const element of document.querySelectorAll('.shell')) element.remove();
    shell.disconnect();
  });
  shell.observe(root, { childList: true });
  createRoot(root).render(<Root />);
}
