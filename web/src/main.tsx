import { createRoot } from 'react-dom/client';
import { Root } from './root.tsx';
import './ui/base.css';
import './ui/layout.css';
import './settings/dialogs.css';
import './chats/chats.css';
import './thread/thread.css';
import './thread/messages/cards.css';
import './thread/composer/composer.css';
import './thread/files/files.css';
import './thread/text/highlighted-code.css';
import './thread/text/markdown.css';

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<Root />);
