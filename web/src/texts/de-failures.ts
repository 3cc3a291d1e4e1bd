import type { Texts } from './en.ts';

export const deFailures: Texts['failures'] = {
  network: 'Der Server ist nicht erreichbar.',
  unexpected_reply: 'Die Antwort des Servers ist nicht zu verstehen.',
  unauthenticated: 'Du bist nicht mehr angemeldet. Melde dich erneut an.',
  auth_unavailable: 'Der Anmeldedienst ist nicht erreichbar.',
  chat_not_found: 'Diesen Chat gibt es nicht.',
  chat_busy: 'In diesem Chat wird gerade eine Antwort geschrieben.',
  approval_pending: 'In diesem Chat wartet ein Werkzeugaufruf auf deine Entscheidung.',
  run_not_waiting: 'Das ist bereits entschieden.',
  run_not_found: 'Diese Antwort gibt es nicht mehr.',
  item_too_large: 'Die Nachricht ist zu lang.',
  payload_too_large: 'Die Nachricht ist zu lang.',
  rate_limited: 'Das sind zu viele Anfragen. Warte einen Moment.',
  overloaded: 'Der Server ist überlastet. Warte einen Moment.',
  database_busy: 'Der Server ist überlastet. Warte einen Moment.',
  database_unavailable: 'Der Server erreicht seine Datenbank nicht. Warte einen Moment.',
  shutting_down: 'Der Server wird neu gestartet. Warte einen Moment.',
  internal: 'Im Server ist ein Fehler aufgetreten.',
  context_too_long: 'Dieser Chat ist länger, als das Modell lesen kann. Beginne einen neuen.',
  model_content_filtered: 'Der Inhaltsfilter des Modells hat das abgelehnt. Formuliere es anders.',
  model_input_refused:
    'Das Modell nimmt etwas in diesem Chat nicht an. Formuliere es anders oder beginne einen neuen Chat.',
  model_rate_limited: 'Das Modell ist überlastet. Versuche es später noch einmal.',
  model_unavailable: 'Das Modell ist nicht erreichbar. Versuche es später noch einmal.',
  model_timeout: 'Das Modell hat zu lange gebraucht. Versuche es später noch einmal.',
  model_quota_exceeded:
    'Das Modell ist zurzeit nicht verfügbar. Das kann nur ändern, wer diesen Server betreibt.',
  model_unauthorized:
    'Das Modell ist zurzeit nicht verfügbar. Das kann nur ändern, wer diesen Server betreibt.',
  model_not_found:
    'Das Modell ist zurzeit nicht verfügbar. Das kann nur ändern, wer diesen Server betreibt.',
  model_failed: 'Beim Modell ist ein Fehler aufgetreten. Versuche es später noch einmal.',
  EMAIL_PASSWORD_MISMATCH: 'E-Mail-Adresse oder Passwort ist falsch.',
  USER_EMAIL_ALREADY_EXISTS: 'Zu dieser E-Mail-Adresse gibt es schon ein Konto.',
  PASSWORD_TOO_SHORT: 'Dieses Passwort ist zu kurz.',
  PASSWORD_TOO_LONG: 'Dieses Passwort ist zu lang.',
  PASSWORD_REQUIREMENTS_NOT_MET: 'Dieses Passwort ist nicht gut genug.',
  PASSWORD_AUTHENTICATION_NOT_ENABLED: 'Hier kann sich niemand mit einem Passwort anmelden.',
  SIGN_UP_NOT_ENABLED: 'Hier kann niemand ein Konto anlegen.',
  SIGN_UP_REJECTED: 'Dieses Konto konnte nicht angelegt werden.',
};
