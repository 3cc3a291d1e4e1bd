import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Closes a pipelined reply with its connection. Node closes the one whose turn it is; those behind it would be open for
 * ever, with all that is given back when they are over.
 */
export function closeWithConnection({ socket }: IncomingMessage, reply: ServerResponse): void {
  if (reply.socket !== null) return;
  const close = (): void => {
    reply.destroy().emit('close');
  };
  // One listener for each reply that waits.
  if (socket.destroyed) close();
  else socket.setMaxListeners(0).once('close', close);
  reply.once('socket', () => socket.off('close', close));
}
