import { useState } from 'react';
import { useDataTexts } from '../texts/data-texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { EraseDialog } from './erase/erase-dialog.tsx';
import { ExportSection } from './export/export-section.tsx';
import { ImportSection } from './import/import-section.tsx';
import { RetentionSection } from './retention-section.tsx';
import './data.css';

/** All that the person has: to take along, to bring, to keep for a while, to remove. */
export function DataDialog({ onClose }: { readonly onClose: () => void }) {
  const { settings, erasing } = useDataTexts();
  const [isErasing, setErasing] = useState(false);
  return (
    <>
      <Dialog title={settings.data} onClose={onClose}>
        <div className="data">
          <ExportSection />
          <ImportSection />
          <RetentionSection />
          <section aria-label={erasing.title}>
            <h3>{erasing.title}</h3>
            <p className="hint">{erasing.what}</p>
            <div className="line">
              <button type="button" className="button danger" onClick={() => setErasing(true)}>
                {erasing.open}
              </button>
            </div>
          </section>
        </div>
        <form method="dialog">
          <button type="submit" className="button primary">
            {settings.done}
          </button>
        </form>
      </Dialog>
      {isErasing && <EraseDialog onClose={() => setErasing(false)} />}
    </>
  );
}
