import { connect } from 'node:net';

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends bytes as they are, which no client would, and reads until the server closes the connection. */
export function sendRaw(url: string, request: string | Buffer): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      received += String(text);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(parse(received)));
    socket.write(request);
  });
}

/** A request line and headers, after whose reply the connection is closed. */
export function head(line: string, ...headers: readonly string[]): string {
  return `${[`${line} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`;
}

/** The upgrade of a live socket, to which a client adds who it is and its key. */
export function liveUpgrade(...headers: readonly string[]): string {
  const usual = ['Upgrade: websocket', 'Sec-WebSocket-Protocol: questlog.v1'];
  return head('GET /chats/live', ...usual, ...headers).replace('Connection: close', 'Connection: Upgrade');
}

function parse(text: string): RawReply {
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const headers = fields.map((field) => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  });
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: text.slice(end + 4),
  };
}
