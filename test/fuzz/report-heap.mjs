// Preloaded into the server: answers each message with what its memory holds once the garbage is out.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('message', () => {
  collect();
  process.send(process.memoryUsage());
});
process.channel?.unref();
