export { fenceFormulas } from './fence-formulas.ts';
export { inlineFormulas } from './inline-formulas.ts';
