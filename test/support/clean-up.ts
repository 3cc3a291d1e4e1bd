/** Takes what is to be done when something is over: `onTestFinished`, `afterAll`, or a list of one's own. */
export type CleanUp = (work: () => Promise<void>) => void;
