import { useId } from 'react';
import { useDataTexts } from '../../texts/data-texts.ts';

interface ExpiryFieldProps {
  /** Null: it stays. */
  readonly expiresAt: string | null;
  readonly onChange: (expiresAt: string | null) => void;
}

/** When a chat is to be gone, by the clock of the person. */
export function ExpiryField({ expiresAt, onChange }: ExpiryFieldProps) {
  const { details: words } = useDataTexts();
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{words.expiry}</label>
      <div className="line">
        <input
          id={id}
          type="datetime-local"
          aria-describedby={`${id}-hint`}
          value={expiresAt === null ? '' : toLocal(new Date(expiresAt))}
          onChange={({ currentTarget: { value } }) => {
            const at = new Date(value);
            onChange(Number.isNaN(at.getTime()) ? null : at.toISOString());
          }}
        />
        {expiresAt !== null && (
          <button
            type="button"
            className="button"
            onClick={() => {
              onChange(null);
              document.getElementById(id)?.focus();
            }}
          >
            {words.stays}
          </button>
        )}
      </div>
      <p className="hint" id={`${id}-hint`}>
        {words.expiryHint}
      </p>
    </div>
  );
}

/** As the field takes it: `2027-01-31T18:30`. */
function toLocal(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
