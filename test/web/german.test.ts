import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openPage, pageServer, preparePage, say, startPageServer } from './page-server.ts';
import { findEnglish } from './page-texts.ts';
import { startStackService } from './stack-service.ts';
import { startTokenServer } from './token-server.ts';

beforeAll(preparePage);

const GERMAN = { locale: 'de-AT' };

const CARDS = [
  { reasoning: 'Würfel sind gefragt', calls: [{ name: 'roll_dice', args: { notation: '3d6' } }] },
  { calls: [{ name: 'delete_note', args: { note_id: 'n1' } }] },
];

describe('in German', () => {
  it('the page says nothing in English, in any state', async () => {
    // A server of its own: titles of other tests' chats are English.
    const server = await startPageServer();
    onTestFinished(async () => {
      await server.program.kill('SIGTERM');
    });
    server.model.script = (input) => {
      const results = input.filter(({ type }) => type === 'function_call_output').length;
      return (
        CARDS[results] ?? { text: '- [x] erledigt\n\nWort[^1]\n\n[^1]: Eine Fußnote.\n\n| a |\n|---|\n| 1 |' }
      );
    };
    const page = await openPage(server, '/', GERMAN);
    const check = async (state: string) => expect([state, await findEnglish(page)]).toEqual([state, []]);
    await page.getByRole('heading', { name: 'Neuer Chat' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
    await check('a new chat');
    await page.getByLabel('Nachricht', { exact: true }).fill('Würfle und lösche die Notiz n1');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Erlauben' }).waitFor();
    await check('tools, reasoning and an approval');
    await page.getByRole('button', { name: 'Erlauben' }).click();
    await page.getByRole('cell', { name: '1' }).waitFor();
    await page.getByRole('button', { name: 'Antwort stoppen' }).waitFor({ state: 'detached' });
    await check('an answer with everything');
    server.model.script = () => ({ text: 'Das dauert noch lange', hangAfter: 2 });
    await sayInGerman('Weiter');
    await page.getByText('Das dauert').waitFor();
    await sayInGerman('Und dann');
    await page.getByText('Wartet auf die Antwort davor.').waitFor();
    await check('a message that waits for an answer');
    await page.getByRole('button', { name: 'Zurück ins Eingabefeld' }).click();
    await page.keyboard.press('Escape');
    await page.getByText('Du hast diese Antwort gestoppt.').waitFor();
    await page.getByRole('button', { name: 'Bearbeiten und neu senden' }).last().click();
    await check('a stopped answer, and a message that is edited');
    await page.getByRole('button', { name: 'Abbrechen' }).click();
    server.model.script = () => ({ error: { status: 429 } });
    await sayInGerman('Nun?');
    await page.getByText('Das Modell ist überlastet.').waitFor();
    await check('a failed answer');
    await page.context().setOffline(true);
    await sayInGerman('x'.repeat(3_000));
    await page.getByText('Noch nicht gesendet. Der Server ist nicht erreichbar.').waitFor();
    await page.getByText('Alle 3.000 Zeichen anzeigen').waitFor();
    await check('a message without a network');
    await page.context().setOffline(false);

    async function sayInGerman(text: string) {
      await page.getByLabel('Nachricht', { exact: true }).fill(text);
      await page.keyboard.press('Enter');
    }
  });

  it('the lists say nothing in English, and write dates as Austrians do', async () => {
    const server = await startPageServer();
    onTestFinished(async () => {
      await server.program.kill('SIGTERM');
    });
    await server.client.createChat({ title: 'Ein Drache' });
    const page = await openPage(server, '/', GERMAN);
    const check = async (state: string) => expect([state, await findEnglish(page)]).toEqual([state, []]);
    await page.getByRole('heading', { name: 'Heute' }).waitFor();
    await page.getByRole('link', { name: 'Ein Drache' }).click();
    await page.getByRole('button', { name: 'Einstellungen' }).click();
    await page.getByRole('button', { name: 'Tastenkürzel' }).click();
    await page.getByRole('dialog', { name: 'Tastenkürzel' }).waitFor();
    await check('the settings and the shortcuts');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByLabel('Diesen Chat exportieren').click();
    await check('a list, and what a chat can be saved as');
    await page.getByRole('searchbox').fill('gibt es nicht');
    await page.getByText('Kein Titel enthält').waitFor();
    await check('a search that finds nothing');
    await page.getByRole('searchbox').fill('');
    await page.getByRole('link', { name: 'Ein Drache' }).focus();
    await page.keyboard.press('Delete');
    await page.getByText('„Ein Drache“ wurde gelöscht.').waitFor();
    await check('a deleted chat');
    await page.getByRole('button', { name: 'Gelöschte Chats' }).click();
    const written = await page.locator('time').textContent();
    expect(written).toMatch(/^\d{1,2}\.\d{1,2}\.\d{4}, \d{2}:\d{2}/);
    await page.getByRole('button', { name: 'Endgültig löschen' }).click();
    await page.getByRole('dialog').waitFor();
    await check('what asks before a chat is gone');
    await page.getByRole('dialog').getByRole('button', { name: 'Endgültig löschen' }).click();
    await page.getByText('Hier ist nichts').waitFor();
    await check('no deleted chats');
    await page.getByRole('button', { name: 'Einstellungen' }).click();
    await page.getByRole('button', { name: 'Deine Daten' }).click();
    await page.getByLabel('Chats ohne Aktivität entfernen').selectOption({ label: 'Nach 30 Tagen' });
    await page.locator('.data input[type=file]').setInputFiles([
      { name: 'leer.json', mimeType: 'application/json', buffer: Buffer.alloc(0) },
      { name: 'neu.json', mimeType: 'application/json', buffer: Buffer.from('[{"id":"neu","mapping":{}}]') },
    ]);
    await page.getByText('leer.json ist leer.').waitFor();
    await check('what the person has, and an import');
    await page.getByRole('button', { name: 'Alles von mir löschen' }).click();
    await page.getByLabel('Gib löschen ein, um fortzufahren').fill('löschen');
    await check('what asks before everything is gone');
    const { chat_id } = await server.client.createChat({
      title: 'Karte',
      tags: ['Burg'],
      metadata: { a: 1 },
    });
    await page.goto(`${server.url}/c/${chat_id}`);
    await page.getByRole('button', { name: /^Tags und Einzelheiten, Burg/ }).click();
    await page.getByRole('dialog', { name: 'Tags und Einzelheiten' }).waitFor();
    await check('the tags and details of a chat');
    await page
      .getByRole('combobox', { name: 'Welche Chats gezeigt werden, nach Tag' })
      .waitFor({ state: 'attached' });
    for (const path of ['/nirgends', '/c/niemand-hat-das']) {
      await page.goto(server.url + path);
      await page.getByRole('heading', { name: /gibt es/ }).waitFor();
      await check(path);
    }
  });

  it('sign-in says nothing in English', async () => {
    const stack = await startStackService();
    stack.addUser('robin@example.com', 'correct horse');
    const { provider, server: ofTokens } = await startTokenServer();
    const ofStack = await startPageServer({
      STACK_PROJECT_ID: stack.projectId,
      STACK_API_URL: stack.url,
      STACK_PUBLISHABLE_CLIENT_KEY: 'pck_test',
    });
    onTestFinished(async () => {
      await ofStack.program.kill('SIGTERM');
    });
    const withToken = await openPage(ofTokens, '/', GERMAN);
    await withToken.getByLabel('Zugriffstoken').fill(await provider.sign({ claims: { aud: 'another' } }));
    await withToken.getByRole('button', { name: 'Token verwenden' }).click();
    await withToken.getByText('Der Server lehnt dieses Token ab').waitFor();
    expect(await findEnglish(withToken)).toEqual([]);
    const withPassword = await openPage(ofStack, '/', GERMAN);
    await withPassword.getByLabel('E-Mail-Adresse').fill('robin@example.com');
    await withPassword.getByLabel('Passwort').fill('wrong');
    await withPassword.getByRole('button', { name: 'Anmelden' }).click();
    await withPassword.getByText('E-Mail-Adresse oder Passwort ist falsch.').waitFor();
    expect(await findEnglish(withPassword)).toEqual([]);
    await withPassword.getByRole('button', { name: 'Ich bin neu hier' }).click();
    await withPassword.getByRole('heading', { name: 'Konto anlegen' }).waitFor();
    expect(await findEnglish(withPassword)).toEqual([]);
  });
});

describe('another language', () => {
  it('is spoken at once, in every tab, and nothing that was written is lost', async () => {
    const server = await pageServer();
    const page = await openPage(server);
    await say(page, 'Hello');
    await page.getByText('Well met!').waitFor();
    await page.getByLabel('Message', { exact: true }).fill('Half a sentence');
    const other = await page.context().newPage();
    await other.goto(server.url);
    // As the settings keep it.
    await other.evaluate(`localStorage.setItem('questlog:settings', '{"language":"de"}')`);
    await page.getByRole('button', { name: 'Neuer Chat' }).waitFor();
    expect(await page.getByLabel('Nachricht', { exact: true }).inputValue()).toBe('Half a sentence');
    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
    await other.reload();
    await other.getByRole('button', { name: 'Neuer Chat' }).waitFor();
  });
});
