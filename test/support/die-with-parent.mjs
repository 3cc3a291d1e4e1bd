// Preloaded into programs under test: a test worker that is ended by a signal could not end them any more.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();
