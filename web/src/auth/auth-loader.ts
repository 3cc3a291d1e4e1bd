import type { JwtConfig, StackConfig } from '../config.ts';
import type { AuthProvider } from './auth-provider.ts';
import { createTokenProvider } from './token-provider.ts';

/**
 * Loads what knows the user; the code of Stack Auth only where it is used, since it is larger than the page. Once, since it
 * knows who has signed in.
 */
export class AuthLoader {
  readonly #config: StackConfig | JwtConfig;
  #loading: Promise<AuthProvider> | undefined;

  constructor(config: StackConfig | JwtConfig) {
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
    if (this.#config.kind === 'jwt') return createTokenProvider(this.#config);
    const { createStackProvider } = await import('./stack-provider.ts');
    return createStackProvider(this.#config);
  }
}
