/** Unpacks the Chromium that npm has brought to the temporary folder. */
import chromium from '@sparticuz/chromium';

await chromium.executablePath();
