import { QuestlogClient } from 'questlog/client';
import { useCallback, useEffect, useLayoutEffect, useState } from 'react';
import { App } from './app.tsx';
import { AuthLoader } from './auth/auth-loader.ts';
import type { Account, AuthProvider } from './auth/auth-provider.ts';
import type { SignedOut } from './auth/signed-out.tsx';
import { PERSON, TOKEN } from './auth/stored-keys.ts';
import { apiUrl, type JwtConfig, pathOf, readPageConfig, type StackConfig } from './config.ts';
import { removeAllValues } from './files/file-database.ts';
import { useObservable } from './observable.ts';
import { applyAppearance } from './settings/appearance.ts';
import { SETTINGS } from './settings/settings.ts';
import { SettingsProvider } from './settings/settings-context.ts';
import { SettingsStore } from './settings/settings-store.ts';
import { forgetStored, readStored, store } from './storage.ts';
import { TextsProvider, useTexts } from './texts/texts-provider.tsx';
import { Notice } from './ui/notice.tsx';
import { Workspace } from './workspace.ts';

/** The page: behind a sign-in where there is one. */
export function Root() {
  const [config] = useState(readPageConfig);
  const [settings] = useState(() => new SettingsStore());
  useEffect(() => settings.listen(), [settings]);
  const chosen = useObservable(settings.chosen);
  useLayoutEffect(() => applyAppearance(chosen), [chosen]);
  return (
    <SettingsProvider value={settings}>
      <TextsProvider>
        {config.kind === 'local' ? <WithoutAccount /> : <WithAccount config={config} />}
      </TextsProvider>
    </SettingsProvider>
  );
}

function WithoutAccount() {
  const [workspace] = useState(() => new Workspace(new QuestlogClient({ baseUrl: apiUrl() }), 'local'));
  return <App workspace={workspace} />;
}

type State =
  | { readonly name: 'loading' | 'unreachable' }
  | { readonly name: 'signed-out'; readonly provider: AuthProvider; readonly Form: typeof SignedOut }
  | { readonly name: 'signed-in'; readonly account: Account; readonly workspace: Workspace };

function WithAccount({ config }: { readonly config: StackConfig | JwtConfig }) {
  const { common, signIn } = useTexts();
  const [state, setState] = useState<State>({ name: 'loading' });
  const [loader] = useState(() => new AuthLoader(config));
  const look = useCallback(async () => setState(await findAccount(loader)), [loader]);
  useEffect(() => void look(), [look]);
  switch (state.name) {
    case 'loading':
      // The shell of `index.html` is there.
      return null;
    case 'unreachable':
      return (
        <Notice icon="warning" title={signIn.unreachable}>
          <button type="button" className="button" onClick={() => location.reload()}>
            {common.tryAgain}
          </button>
        </Notice>
      );
    case 'signed-out':
      return <state.Form provider={state.provider} onSignedIn={() => void look()} />;
    case 'signed-in':
      return <App workspace={state.workspace} account={state.account} />;
  }
}

async function findAccount(loader: AuthLoader): Promise<State> {
  try {
    const provider = await loader.load();
    const account = await provider.account();
    if (account === undefined) {
      const { SignedOut: Form } = await import('./auth/signed-out.tsx');
      return { name: 'signed-out', provider, Form };
    }
    await forgetOthers(account);
    const workspace = new Workspace(
      new QuestlogClient({ baseUrl: apiUrl(), getToken: account.getToken }),
      account.id,
    );
    const { signOut } = account;
    return {
      name: 'signed-in',
      account: { ...account, signOut: signOut && (() => leave(signOut)) },
      workspace,
    };
  } catch {
    return { name: 'unreachable' };
  }
}

/** What another person has left in this browser is neither shown nor sent as this one's. */
async function forgetOthers({ id }: Account): Promise<void> {
  if (readStored<string>(PERSON) !== id) {
    forgetStored(TOKEN, SETTINGS);
    await removeAllValues();
  }
  store(PERSON, id);
}

async function leave(signOut: () => Promise<void>): Promise<void> {
  // How the page looks is of the browser, and says nothing of the person.
  forgetStored(SETTINGS);
  await removeAllValues();
  await signOut();
  location.assign(pathOf('/'));
}
