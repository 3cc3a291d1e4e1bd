import { GOOD_PICTURE_BYTES, LONGEST_SIDE, MOST_BYTES } from './limits.ts';

/** A picture as it is sent. */
interface Picture {
  readonly blob: Blob;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * A picture in a form that models take, no larger than they look at. It is drawn anew: turned as the camera was held, and
 * without what the camera has noted, such as the place. What moves stays as it is, where it is small enough.
 *
 * @param type as the browser knows it, or empty.
 * @returns undefined: this browser cannot read it.
 */
export async function readPicture(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
): Promise<Picture | undefined> {
  const bitmap = await createImageBitmap(new Blob([bytes], { type })).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  const { width, height } = bitmap;
  try {
    // It may move, and says nothing of a place.
    const isGif = bytes[0] === 0x47 && bytes[1] === 0x49 && bytes[2] === 0x46;
    if (isGif && bytes.length <= MOST_BYTES / 2)
      return { blob: new Blob([bytes], { type: 'image/gif' }), width, height };
    return await draw(bitmap, bytes[0] === 0xff ? 'image/jpeg' : 'image/png');
  } finally {
    bitmap.close();
  }
}

async function draw(bitmap: ImageBitmap, type: string): Promise<Picture> {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no pictures');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  const exact = await write(canvas, type);
  if (exact.size <= GOOD_PICTURE_BYTES) return { blob: exact, width, height };
  // A photograph, or a very large drawing. Safari writes no WebP, and what it writes instead is no smaller.
  const small = await write(canvas, 'image/webp');
  if (small.size <= GOOD_PICTURE_BYTES) return { blob: small, width, height };
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  return { blob: await write(canvas, 'image/jpeg'), width, height };
}

function write(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) =>
      blob === null ? reject(new Error('the picture could not be written')) : resolve(blob);
    canvas.toBlob(done, type, 0.88);
  });
}
