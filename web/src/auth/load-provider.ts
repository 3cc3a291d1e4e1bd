import type { StackConfig } from '../config.ts';
import type { AuthProvider } from './auth-provider.ts';

/** Loads the code of the service only where it is used: it is larger than the page. */
export async function loadAuthProvider(config: StackConfig): Promise<AuthProvider> {
  // Once: it knows who has signed in.
  loaded ??= load(config).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

let loaded: Promise<AuthProvider> | undefined;

async function load(config: StackConfig): Promise<AuthProvider> {
  const { createStackProvider } = await import('./stack-provider.ts');
  return createStackProvider(config);
}
