const STEP_PX = 100;

/**
 * The viewport follows the end of what it shows until it is scrolled up by somebody, which it knows by a little step.
 */
export async function letGoOfEnd(viewport: HTMLElement | null): Promise<void> {
  viewport?.scrollBy({ top: -STEP_PX, behavior: 'instant' });
  await new Promise((resolve) => requestAnimationFrame(resolve));
}
