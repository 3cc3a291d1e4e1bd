import { useWorkspace } from '../../../workspace.ts';
import { useOnDemand } from '../libraries.ts';

interface MathsProps {
  readonly tex: string;
  /** On a line of its own. */
  readonly isDisplay: boolean;
}

/** A formula; what it is written as, until that which sets it is there. */
export function Maths({ tex, isDisplay }: MathsProps) {
  const formulas = useOnDemand(useWorkspace().libraries.formulas, true);
  return (
    // A wide one scrolls, by the keyboard too.
    <span className="formula" dir="ltr" data-display={isDisplay} tabIndex={isDisplay ? 0 : undefined}>
      {formulas === undefined ? <code>{tex}</code> : <formulas.Formula tex={tex} isDisplay={isDisplay} />}
    </span>
  );
}
