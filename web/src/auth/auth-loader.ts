import type { StackConfig } from '../config.ts';
import type { AuthProvider } from './auth-provider.ts';

/**
 * Loads the code of the service only where it is used, since it is larger than the page; once, since it knows who has
 * signed in.
 */
export class AuthLoader {
  readonly #config: StackConfig;
  #loading: Promise<AuthProvider> | undefined;

  constructor(config: StackConfig) {
    this.#config = config;
  }

  load(): Promise<AuthProvider> {
    this.#loading ??= this.#import().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #import(): Promise<AuthProvider> {
    const { createStackProvider } = await import('./stack-provider.ts');
    return createStackProvider(this.#config);
  }
}
